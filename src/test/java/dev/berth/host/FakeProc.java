package dev.berth.host;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A directory like /proc, with what {@link MountNamespaces} reads of it. */
record FakeProc(Path directory) {
  /** An empty one, but for process 1, of which nothing is seen as if it just ended. */
  static FakeProc in(Path parent) throws IOException {
    Path directory = Files.createTempDirectory(parent, "proc");
    Files.createDirectory(directory.resolve("1"));
    return new FakeProc(directory);
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

  /** As the kernel does for a process with more rights than this one. */
  void hideNamespace(String pid) throws IOException {
    Path link = directory.resolve(pid).resolve("ns/mnt");
    Files.delete(link);
    Files.createFile(link);
  }

  /** Nobody can read what is a directory. */
  void hideMounts(String pid) throws IOException {
    Path mountinfo = directory.resolve(pid).resolve("mountinfo");
    Files.delete(mountinfo);
    Files.createDirectory(mountinfo);
  }

  /** The state of a process and its flags, PF_EXITING among them. */
  void stat(String pid, String state, long flags) throws IOException {
    String line = "%s (a) b) %s 1 1 1 0 -1 %d 0 0".formatted(pid, state, flags);
    Files.writeString(directory.resolve(pid).resolve("stat"), line);
  }

  /** It has ended. */
  void end(String pid) throws IOException {
    for (String file : new String[] {"ns/mnt", "ns", "mountinfo", "comm", ""}) {
      Files.delete(directory.resolve(pid).resolve(file));
    }
  }

  private static void thread(Path process, String namespace, String mountinfo) throws IOException {
    Files.createDirectories(process.resolve("ns"));
    Files.createSymbolicLink(process.resolve("ns/mnt"), Path.of("mnt:[%s]".formatted(namespace)));
    Files.writeString(process.resolve("mountinfo"), mountinfo, ISO_8859_1);
  }
}
