import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Makes {@code target/berth} out of the Quarkus build: launcher, jars, and two AOT caches, trained on real calls in the
 * folder itself. A cache is named by the build id, so that one of another build is never used: the JVM would run the
 * classes of the old jars without a word. Run by Maven: {@code java src/build/Assemble.java TARGET VERSION}.
 */
final class Assemble {
  /** As in bin/berth: 2000-01-01. */
  private static final long JAR_TIME_MILLIS = 946_684_800_000L;

  /** Profiles help a compiler that Berth does not use (C2), and take a twentieth of the memory. */
  private static final String WITHOUT_PROFILES = " -XX:-AOTRecordTraining";

  /** In the jars, and in the folder: netty's names tell the processor, SQLite's get it added. */
  private static final Map<String, String> NATIVE_LIBRARIES =
      Map.of(
          "META-INF/native/libnetty_transport_native_epoll_x86_64.so",
          "libnetty_transport_native_epoll_x86_64.so",
          "META-INF/native/libnetty_transport_native_epoll_aarch_64.so",
          "libnetty_transport_native_epoll_aarch_64.so",
          "org/sqlite/native/Linux/x86_64/libsqlitejdbc.so",
          "libsqlitejdbc-amd64.so",
          "org/sqlite/native/Linux/aarch64/libsqlitejdbc.so",
          "libsqlitejdbc-aarch64.so");

  private final Path home;
  private final String version;
  private String buildId = "";

  private Assemble(Path home, String version) {
    this.home = home;
    this.version = version;
  }

  public static void main(String... arguments) throws Exception {
    Path target = Path.of(arguments[0]).toAbsolutePath();
    Assemble assemble = new Assemble(target.resolve("berth"), arguments[1]);
    delete(assemble.home);
    copy(target.resolve("quarkus-app"), assemble.home.resolve("lib"));
    copy(target.resolveSibling("src/main/dist"), assemble.home);
    assemble.home.resolve("bin/berth").toFile().setExecutable(true, false);
    for (String text : List.of("LICENSE", "NOTICE")) {
      Files.copy(target.resolveSibling(text), assemble.home.resolve(text));
    }
    assemble.unpackNativeLibraries();
    assemble.mergeJars();
    assemble.setTimes();
    assemble.train();
  }

  /**
   * Puts native libraries beside the jars: unpacking them at each start takes time, and a directory
   * for temporary files that allows programs.
   */
  private void unpackNativeLibraries() throws IOException {
    Path target = Files.createDirectories(home.resolve("lib/native"));
    for (Map.Entry<String, String> wanted : NATIVE_LIBRARIES.entrySet()) {
      String inside = wanted.getKey();
      boolean found = false;
      try (Stream<Path> jars = Files.list(home.resolve("lib/lib/main"))) {
        for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
          try (FileSystem archive = FileSystems.newFileSystem(jar)) {
            Path library = archive.getPath(inside);
            if (Files.exists(library)) {
              Files.copy(library, target.resolve(wanted.getValue()), StandardCopyOption.REPLACE_EXISTING);
              found = true;
            }
          }
        }
      }
      if (!found) {
        throw new IOException("no jar holds " + inside);
      }
    }
  }

  /** The JVM compares the jars' times with those it saw in training; the launcher restores these after a plain copy. */
  private void setTimes() throws IOException {
    try (Stream<Path> files = Files.walk(home.resolve("lib"))) {
      for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
        Files.setLastModifiedTime(jar, FileTime.fromMillis(JAR_TIME_MILLIS));
      }
    }
  }

  private void mergeJars() throws IOException {
    buildId = OneJar.merge(home.resolve("lib"), version);
    Files.writeString(home.resolve("lib/build-id"), buildId + "\n");
  }

  private void train() throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("berth-training");
    Map<String, String> environment =
        Map.of(
            "BERTH_SOCKET", work.resolve("berth.sock").toString(),
            "BERTH_ROOT", work.resolve("root").toString(),
            "BERTH_CONFIG", "/dev/null",
            "BERTH_LINGER", "0s",
            "QUARKUS_MANAGEMENT_PORT", "0",
            "JAVA_HOME", System.getProperty("java.home"));
    try {
      Process serve = start(environment, "-XX:AOTCacheOutput=serve-" + buildId + ".aot", "serve");
      try {
        call(work, environment);
      } finally {
        serve.destroy();
        if (!serve.waitFor(60, TimeUnit.SECONDS)) {
          serve.destroyForcibly();
        }
      }
    } finally {
      letGo(work);
      delete(work);
    }
  }

  /**
   * A volume whose mount another process has a copy of, as one has that was just given a mount namespace, is in use, and
   * Berth leaves it alone.
   */
  private static void letGo(Path work) throws IOException, InterruptedException {
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"), StandardCharsets.ISO_8859_1)) {
      String[] fields = line.split(" ", -1);
      if (fields[1].startsWith(work + "/")) {
        run("umount", "--lazy", fields[1]);
        run("losetup", "--detach", fields[0]);
      }
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  private void call(Path work, Map<String, String> environment) throws IOException, InterruptedException {
    Path socket = work.resolve("berth.sock");
    awaitSocket(socket);
    post(socket, "/Plugin.Activate", "");
    for (int round = 0; round < 20; round++) {
      String name = "{\"Name\":\"training%d\"".formatted(round % 4);
      post(socket, "/VolumeDriver.Capabilities", "{}\n");
      post(socket, "/VolumeDriver.Get", name + "}\n");
      post(socket, "/VolumeDriver.Create", name + ",\"Opts\":{\"size\":\"64MiB\"}}\n");
      post(socket, "/VolumeDriver.Get", name + "}\n");
      post(socket, "/VolumeDriver.Path", name + "}\n");
      post(socket, "/VolumeDriver.Mount", name + ",\"ID\":\"training\"}\n");
      post(socket, "/VolumeDriver.List", "{}\n");
      post(socket, "/VolumeDriver.Unmount", name + ",\"ID\":\"training\"}\n");
      if (round == 0) {
        Process list = start(environment, "-XX:AOTCacheOutput=cli-" + buildId + ".aot", "ls");
        list.waitFor(60, TimeUnit.SECONDS);
      }
      post(socket, "/VolumeDriver.Remove", name + "}\n");
      post(socket, "/VolumeDriver.Remove", "");
    }
  }

  private Process start(Map<String, String> environment, String option, String command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(List.of(home.resolve("bin/berth").toString(), command))
            .redirectErrorStream(true)
            .redirectOutput(home.resolveSibling("training-%s.log".formatted(command)).toFile());
    builder.environment().putAll(environment);
    builder.environment().put("BERTH_JAVA_OPTIONS", option + WITHOUT_PROFILES);
    return builder.start();
  }

  private static void awaitSocket(Path socket) throws IOException, InterruptedException {
    Instant end = Instant.now().plus(Duration.ofSeconds(60));
    while (!Files.exists(socket)) {
      if (Instant.now().isAfter(end)) {
        throw new IOException("Berth did not start; see target/training-serve.log");
      }
      Thread.sleep(50);
    }
  }

  private static void post(Path socket, String path, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "POST %s HTTP/1.1\r\nHost: \r\nContent-Length: %d\r\nConnection: close\r\nAccept: application/vnd.docker.plugins.v1.2+json\r\n\r\n"
            .formatted(path, bytes.length);
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap((head + body).getBytes(StandardCharsets.UTF_8)));
      ByteBuffer answer = ByteBuffer.allocate(65_536);
      while (channel.read(answer) > 0) {
        answer.clear();
      }
    }
  }

  private static void copy(Path source, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Path to = target.resolve(source.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.createDirectories(to.getParent());
          Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    if (!Files.exists(tree)) {
      return;
    }
    List<Path> files = new ArrayList<>();
    try (Stream<Path> found = Files.walk(tree)) {
      found.sorted(Comparator.reverseOrder()).forEach(files::add);
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
