import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/**
 * Makes one jar of the some 170 on the class path. The first search for a service opens every jar there is, and the AOT
 * cache checks each of them and makes a protection domain for it: together an eighth of a start's processor time.
 */
final class OneJar {
  private static final Path MERGED = Path.of("lib/main/berth.jar");
  private static final String SERVICES = "META-INF/services/";

  /** The oldest that Berth runs on: it sees of each class the version for this one. */
  private static final Runtime.Version JAVA = Runtime.Version.parse("25");

  private static final LocalDateTime ENTRY_TIME = LocalDateTime.of(2000, 1, 1, 0, 0);

  private final JarOutputStream merged;
  private final Map<String, Long> checksums = new HashMap<>();
  private final Map<String, StringBuilder> services = new LinkedHashMap<>();

  private OneJar(JarOutputStream merged) {
    this.merged = merged;
  }

  /** In {@code lib}, the jars that {@code quarkus-run.jar} names make way for one. */
  static void merge(Path lib) throws IOException {
    Path starter = lib.resolve("quarkus-run.jar");
    Manifest manifest = manifest(starter);
    Attributes attributes = manifest.getMainAttributes();
    String[] names = attributes.getValue(Attributes.Name.CLASS_PATH).split(" ");
    List<Path> jars = Stream.of(names).map(lib::resolve).toList();
    try (JarOutputStream out = create(lib.resolve(MERGED), new Manifest())) {
      OneJar one = new OneJar(out);
      for (Path jar : jars) {
        one.add(jar);
      }
      one.addServices();
    }
    for (Path jar : jars) {
      Files.delete(jar);
    }
    Files.delete(lib.resolve("app"));
    Files.delete(lib.resolve("lib/boot"));
    attributes.put(Attributes.Name.CLASS_PATH, MERGED.toString());
    Files.delete(starter);
    create(starter, manifest).close();
  }

  private static Manifest manifest(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.getManifest();
    }
  }

  private static JarOutputStream create(Path jar, Manifest manifest) throws IOException {
    manifest.getMainAttributes().putIfAbsent(Attributes.Name.MANIFEST_VERSION, "1.0");
    JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
    put(out, JarFile.MANIFEST_NAME);
    manifest.write(out);
    out.closeEntry();
    return out;
  }

  private static void put(JarOutputStream out, String name) throws IOException {
    JarEntry entry = new JarEntry(name);
    entry.setTimeLocal(ENTRY_TIME);
    out.putNextEntry(entry);
  }

  private void add(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile(), false, ZipFile.OPEN_READ, JAVA)) {
      for (JarEntry entry : file.versionedStream().filter(OneJar::wanted).toList()) {
        try (InputStream content = file.getInputStream(entry)) {
          if (entry.getName().startsWith(SERVICES)) {
            services
                .computeIfAbsent(entry.getName(), name -> new StringBuilder())
                .append(new String(content.readAllBytes(), StandardCharsets.UTF_8))
                .append('\n');
          } else {
            add(name(entry, jar), entry.getCrc(), content);
          }
        }
      }
    }
  }

  /** What speaks of one jar as a whole is no longer true. */
  private static boolean wanted(JarEntry entry) {
    String name = entry.getName();
    return !entry.isDirectory()
        && !name.equals(JarFile.MANIFEST_NAME)
        && !name.equals("META-INF/INDEX.LIST")
        && !name.endsWith("module-info.class")
        && !name.matches("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");
  }

  private static String name(JarEntry entry, Path jar) {
    String name = entry.getName();
    return name.matches("META-INF/(LICENSE|NOTICE|DEPENDENCIES).*")
        ? name.replaceFirst("META-INF", "META-INF/licenses/" + jar.getFileName())
        : name;
  }

  /** Of a name the first counts, as on a class path. */
  private void add(String name, long checksum, InputStream content) throws IOException {
    Long first = checksums.putIfAbsent(name, checksum);
    if (first == null) {
      put(merged, name);
      content.transferTo(merged);
      merged.closeEntry();
    } else if (first != checksum && !name.endsWith(".class") && !name.startsWith("META-INF/")) {
      throw new IOException("two jars differ in " + name + ", and one would be lost");
    }
  }

  private void addServices() throws IOException {
    for (Map.Entry<String, StringBuilder> service : services.entrySet()) {
      put(merged, service.getKey());
      merged.write(service.getValue().toString().getBytes(StandardCharsets.UTF_8));
      merged.closeEntry();
    }
  }
}
