package dev.berth.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A process that looks as if this or an earlier Berth had started it. Anybody can give a process
 * any name and any arguments; what the kernel says of it decides. Nothing is read of its memory, so
 * that no look waits for what the process waits for.
 */
record OwnProcess(long pid) {
  private static final Path SELF = Path.of("/proc/self");
  private static final List<String> NAMESPACES = List.of("ns/pid", "ns/mnt");
  private static final String USERS = "Uid:";

  /** The short name it gives itself, or empty if it has ended. */
  String command() {
    return text(directory().resolve("comm")).strip();
  }

  /**
   * Whether it has this process's user, really and in effect, and its pid and mount namespace, and
   * runs {@code program}, or the interpreter of that if it is a script. Gone, or not to be seen:
   * no.
   */
  boolean mayRun(Path program) {
    return users(directory()).equals(users(SELF))
        && NAMESPACES.stream().allMatch(this::isInOurs)
        && (runs(program) || isScript(program));
  }

  private boolean isInOurs(String namespace) {
    Optional<Path> its = link(directory().resolve(namespace));
    return its.isPresent() && its.equals(link(SELF.resolve(namespace)));
  }

  /** By device and inode, whatever it is called, or what was there before an upgrade. */
  private boolean runs(Path program) {
    Path exe = directory().resolve("exe");
    try {
      return Files.isSameFile(exe, program)
          || Files.readSymbolicLink(exe).toString().equals(program.toRealPath() + " (deleted)");
    } catch (IOException e) {
      return false;
    }
  }

  /** Its kernel calls the interpreter the program that runs. */
  private static boolean isScript(Path program) {
    try (var file = Files.newInputStream(program)) {
      return Arrays.equals(file.readNBytes(2), new byte[] {'#', '!'});
    } catch (IOException e) {
      return false;
    }
  }

  private Path directory() {
    return Path.of("/proc", Long.toString(pid));
  }

  /** Real, effective, saved and that of files; as they are in this process's user namespace. */
  private static List<String> users(Path process) {
    return text(process.resolve("status")).lines().filter(line -> line.startsWith(USERS)).toList();
  }

  private static Optional<Path> link(Path link) {
    try {
      return Optional.of(Files.readSymbolicLink(link));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
