package dev.berth.corpus;

import dev.berth.corpus.ForeignImage.Writer;
import dev.berth.testing.Run;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/** Images made by the tools that people make them with; {@code setup.sh test} installs these. */
final class ToolImages {
  private ToolImages() {}

  /** A program that takes the file as its last argument. */
  static Writer run(String... command) {
    return file ->
        Run.of(
                Stream.concat(Arrays.stream(command), Stream.of(file.toString()))
                    .toArray(String[]::new))
            .succeed();
  }

  static void ext4WithFiles(Path file) throws IOException {
    withTree(
        tree ->
            Run.of("mke2fs", "-q", "-F", "-t", "ext4", "-d", tree.toString(), file.toString())
                .succeed());
  }

  static void squashfs(Path file) throws IOException {
    Path image = file.resolveSibling("made.squashfs");
    withTree(
        tree ->
            Run.of("mksquashfs", tree.toString(), image.toString(), "-quiet", "-no-progress")
                .succeed());
    moveInto(file, image);
  }

  static void iso(Path file) throws IOException {
    Path image = file.resolveSibling("made.iso");
    withTree(
        tree -> Run.of("genisoimage", "-quiet", "-o", image.toString(), tree.toString()).succeed());
    moveInto(file, image);
  }

  /** A header as cryptsetup writes it; no device mapper is needed for that. */
  static Writer luks(String version) {
    return file ->
        Run.of(
                "sh",
                "-c",
                "printf secret | cryptsetup -q luksFormat --type $1 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \"$0\" -",
                file.toString(),
                version)
            .succeed();
  }

  static Writer sfdisk(String script) {
    return file ->
        Run.of("sh", "-c", "printf %s \"$1\" | sfdisk --quiet \"$0\"", file.toString(), script)
            .succeed();
  }

  private static void withTree(java.util.function.Consumer<Path> use) throws IOException {
    Path tree = Files.createTempDirectory("berth-tree");
    try {
      Files.writeString(tree.resolve("precious"), "do not lose me\n");
      use.accept(tree);
    } finally {
      Files.delete(tree.resolve("precious"));
      Files.delete(tree);
    }
  }

  private static void moveInto(Path file, Path image) {
    try {
      RawBytes.write(file, 0, Files.readAllBytes(image));
      Files.delete(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
