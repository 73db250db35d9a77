package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Namespaces;
import dev.berth.testing.RequiresRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HolderWatchTest {
  private static final Path OWN = Path.of("/var/lib/berth/mnt/v");
  private static final String HOST =
      """
      27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
      90 27 7:3 / /var/lib/berth/mnt/v rw,relatime - ext4 /dev/loop3 rw
      """;

  @TempDir Path directory;

  /** Containers A, B and C begin one after the other, each with a copy before the last has gone. */
  @Test
  void whoCameLaterIsNotWaitedFor() throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", HOST);
    proc.process("100", "2", HOST);
    try (HolderWatch watch = HolderWatch.of(holders(proc))) {
      assertThat(watch.seesFirst(holders(proc))).isTrue();
      proc.process("101", "3", HOST);
      assertThat(watch.seesFirst(holders(proc))).isTrue();
      proc.process("102", "4", HOST);
      proc.end("100");
      assertThat(holders(proc)).hasSize(2);
      assertThat(watch.seesFirst(holders(proc))).isFalse();
    }
  }

  @Test
  void aNamespaceGoesWithItsLastProcess() throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", HOST);
    proc.process("100", "2", HOST);
    try (HolderWatch watch = HolderWatch.of(holders(proc))) {
      proc.process("101", "2", HOST);
      proc.end("100");
      assertThat(watch.seesFirst(holders(proc))).isTrue();
      proc.end("101");
      assertThat(watch.seesFirst(holders(proc))).isFalse();
    }
  }

  @Test
  void whoIsNotNamedMayAlwaysBeOneOfTheFirst() throws IOException {
    FakeProc proc = FakeProc.in(directory);
    proc.process("self", "1", HOST);
    proc.process("100", "2", HOST.replace("27 1 ", "28 2 ").replace("90 27 ", "91 28 "));
    proc.hideNamespace("100");
    try (HolderWatch watch = HolderWatch.of(holders(proc))) {
      proc.process("101", "3", HOST);
      assertThat(watch.seesFirst(holders(proc))).isTrue();
    }
  }

  /** The kernel takes the smallest name that is free. */
  @Test
  @RequiresRoot
  void theNameOfANamespaceThatHasGoneIsNotGivenAway() throws IOException {
    ProcessHandle first = Namespaces.holding(directory);
    Path name = name(first);
    Holder holder =
        new Holder(first.pid(), "sleep", Optional.empty(), MountPoint.of(OWN), Optional.of(name));
    try (HolderWatch watch = HolderWatch.of(List.of(holder))) {
      end(first);
      for (int i = 0; i < 3; i++) {
        ProcessHandle later = Namespaces.holding(directory);
        try {
          assertThat(name(later)).isNotEqualTo(name);
        } finally {
          end(later);
        }
      }
      assertThat(watch.seesFirst(List.of(holder))).isTrue();
    }
  }

  private static Path name(ProcessHandle process) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc", "" + process.pid(), "ns/mnt"));
  }

  private static void end(ProcessHandle process) {
    process.destroyForcibly();
    process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
  }

  private static List<Holder> holders(FakeProc proc) {
    return new MountNamespaces(proc.directory())
        .holders(new DeviceNumber(7, 3), Optional.empty(), OWN);
  }
}
