package dev.berth.bench;

import dev.berth.testing.Traces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What the figures were measured on. */
final class Machine {
  private Machine() {}

  /** {@code 2 cores, 23 GiB of memory, Linux 6.18.44, Java 25.0.3+9, load average 0.31}. */
  static String describe() {
    return "%d cores, %s, %s of memory, Linux %s, Java %s, load average %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            processor(),
            memory(),
            System.getProperty("os.version"),
            Runtime.version(),
            Traces.read(Path.of("/proc/loadavg")).split(" ", 2)[0]);
  }

  private static String processor() {
    return find(Path.of("/proc/cpuinfo"), "model name").orElse("processor unknown");
  }

  private static String memory() {
    return find(Path.of("/proc/meminfo"), "MemTotal")
        .map(text -> Long.parseLong(text.split(" ", 2)[0]) / (1 << 20))
        .map("%d GiB"::formatted)
        .orElse("an unknown amount");
  }

  /** Resident memory of a process, in bytes. */
  static long resident(long pid) {
    return find(Path.of("/proc", "" + pid, "status"), "VmRSS")
        .map(text -> Long.parseLong(text.split(" ", 2)[0]) * 1024)
        .orElseThrow(() -> new IllegalStateException("process %d is gone".formatted(pid)));
  }

  /** Processor time a process has used, in nanoseconds; the kernel counts it in ticks of 10 ms. */
  static long processorNanos(long pid) {
    return ProcessHandle.of(pid)
        .flatMap(process -> process.info().totalCpuDuration())
        .map(Duration::toNanos)
        .orElseThrow(() -> new IllegalStateException("process %d is gone".formatted(pid)));
  }

  static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.0f MiB", bytes / (double) (1 << 20));
  }

  private static Optional<String> find(Path file, String key) {
    return Arrays.stream(Traces.read(file).split("\n"))
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst();
  }
}
