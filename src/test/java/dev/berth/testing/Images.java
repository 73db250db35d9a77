package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The images the tests run, made of this host's static busybox. */
public final class Images {
  static final Path BUSYBOX = Path.of("/bin/busybox");

  /** A shell and the usual small programs. */
  public static final String PLAIN = "berth/busybox";

  /** The same with files below {@code /data}. */
  public static final String WITH_DATA = "berth/withdata";

  private Images() {}

  public static void importInto(DockerEngine engine, Path directory) {
    try {
      Path root = Files.createDirectories(directory.resolve("image"));
      for (String empty : new String[] {"bin", "dev", "proc", "sys", "tmp", "etc"}) {
        Files.createDirectory(root.resolve(empty));
      }
      Files.copy(BUSYBOX, root.resolve("bin/busybox"));
      for (String applet : Run.of(BUSYBOX.toString(), "--list").succeed().lines()) {
        if (!applet.equals("busybox")) {
          Files.createSymbolicLink(root.resolve("bin").resolve(applet), Path.of("busybox"));
        }
      }
      importRoot(engine, root, PLAIN);
      Files.createDirectories(root.resolve("data/sub"));
      Files.writeString(root.resolve("data/hello"), "hello from the image\n");
      Files.writeString(root.resolve("data/sub/deep"), "deep\n");
      importRoot(engine, root, WITH_DATA);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make an image", e);
    }
  }

  private static void importRoot(DockerEngine engine, Path root, String tag) {
    Path archive = root.resolveSibling("image.tar");
    Run.of("tar", "-C", root.toString(), "-cf", archive.toString(), ".").succeed();
    engine.docker("import", "--change", "ENV PATH=/bin", archive.toString(), tag);
  }
}
