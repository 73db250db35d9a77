import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
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

  private static final int ID_BYTES = 8;

  private static final LocalDateTime ENTRY_TIME = LocalDateTime.of(2000, 1, 1, 0, 0);

  private static final String BUILD_ID = "berth-build-id";

  /** What the jars hold, in the order of its names, so that the same jars give the same one. */
  private final SortedMap<String, byte[]> merged = new TreeMap<>();

  private final Map<String, Long> checksums = new HashMap<>();
  private final Map<String, StringBuilder> services = new LinkedHashMap<>();

  /**
   * In {@code lib}, the jars that {@code quarkus-run.jar} names make way for one. Returns the id of this build, the
   * version and a digest of all that is in the jars, which the one jar has in a file of its own.
   */
  static String merge(Path lib, String version) throws IOException {
    Path starter = lib.resolve("quarkus-run.jar");
    Manifest manifest = manifest(starter);
    Attributes attributes = manifest.getMainAttributes();
    String[] names = attributes.getValue(Attributes.Name.CLASS_PATH).split(" ");
    List<Path> jars = Stream.of(names).map(lib::resolve).toList();
    OneJar one = new OneJar();
    for (Path jar : jars) {
      one.add(jar);
      Files.delete(jar);
    }
    one.addServices();
    String id = version + "-" + one.digest();
    one.merged.put(BUILD_ID, id.getBytes(StandardCharsets.UTF_8));
    one.write(lib.resolve(MERGED));
    Files.delete(lib.resolve("app"));
    Files.delete(lib.resolve("lib/boot"));
    attributes.put(Attributes.Name.CLASS_PATH, MERGED.toString());
    Files.delete(starter);
    create(starter, manifest).close();
    return id;
  }

  private String digest() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      merged.forEach(
          (name, content) -> {
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(content.length).array());
            digest.update(content);
          });
      return HexFormat.of().formatHex(digest.digest(), 0, ID_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void write(Path jar) throws IOException {
    try (JarOutputStream out = create(jar, new Manifest())) {
      for (Map.Entry<String, byte[]> entry : merged.entrySet()) {
        put(out, entry.getKey());
        out.write(entry.getValue());
        out.closeEntry();
      }
    }
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
      merged.put(name, content.readAllBytes());
    } else if (first != checksum && !name.endsWith(".class") && !name.startsWith("META-INF/")) {
      throw new IOException("two jars differ in " + name + ", and one would be lost");
    }
  }

  private void addServices() {
    services.forEach(
        (name, lines) -> merged.put(name, lines.toString().getBytes(StandardCharsets.UTF_8)));
  }
}
