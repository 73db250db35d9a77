package dev.berth.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory like /proc, with what {@link MountNamespaces} reads of it. */
record FakeProc(Path directory) {
  /** An empty one. */
  static FakeProc in(Path parent) throws IOException {
    return new FakeProc(Files.createTempDirectory(parent, "proc"));
  }

  /** A process, or {@code self}, in a mount namespace that has these mounts. */
  void process(String pid, String namespace, String mountinfo) throws IOException {
    thread(directory.resolve(pid), namespace, mountinfo);
    Files.writeString(directory.resolve(pid).resolve("comm"), "name-of-" + pid + "\n");
  }

  /** A process whose main thread has ended, and one thread that goes on. */
  void headless(String pid, String thread, String namespace, String mountinfo) throws IOException {
    Path process = Files.createDirectories(directory.resolve(pid));
    Files.createDirectories(process.resolve("task").resolve(pid));
    thread(process.resolve("task").resolve(thread), namespace, mountinfo);
    Files.writeString(process.resolve("task").resolve(thread).resolve("comm"), "worker\n");
  }

  private static void thread(Path process, String namespace, String mountinfo) throws IOException {
    Files.createDirectories(process.resolve("ns"));
    Files.createSymbolicLink(process.resolve("ns/mnt"), Path.of("mnt:[%s]".formatted(namespace)));
    Files.writeString(process.resolve("mountinfo"), mountinfo, ISO_8859_1);
  }
}
