package dev.berth.load;

import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a Berth process and its volumes take up at one moment: counts by name, and sizes in KiB. The
 * heap is that of what is still reachable.
 */
record Footprint(Map<String, Long> values) {
  static final String DESCRIPTORS = "file descriptors";
  static final String THREADS = "threads";
  static final String RSS = "RSS, KiB";
  static final String HEAP = "heap after GC, KiB";
  static final String MOUNTS = "mounts";
  static final String LOOP_DEVICES = "loop devices";
  static final String FILES = "files below the root";
  static final String ROWS = "ledger rows";
  static final String LEDGER = "ledger, KiB";
  static final String LEDGER_LOG = "ledger's log, KiB";
  static final String OPERATIONS = "operations";
  static final String CALLS = "calls in flight";

  private static final long KIB = 1024;

  /**
   * What may be more after a load. Whatever is kept for each call would be more than that in a
   * longer one. Threads and descriptors: the JVM and the engine keep some for a while. Heap: what
   * is cached. RSS: the JVM gives memory back to the system late or never, and compiles what it
   * finds to be hot at any time; a leak of the heap is seen in the heap. Ledger: pages that are
   * free and will be used again; its log is written from the start again at 4 MiB.
   */
  static final Map<String, Long> ALLOWANCES =
      Map.of(
          THREADS,
          4L,
          DESCRIPTORS,
          4L,
          HEAP,
          4L << 10,
          RSS,
          48L << 10,
          LEDGER,
          256L,
          LEDGER_LOG,
          5L << 10);

  static Footprint of(TestBed bed) {
    Path process = Path.of("/proc", "" + bed.berth().pid());
    jcmd(bed, "GC.run");
    Traces traces = new Traces(bed.root());
    Map<String, Long> values = new LinkedHashMap<>();
    values.put(DESCRIPTORS, count(process.resolve("fd")));
    values.put(THREADS, status(process, "Threads"));
    values.put(RSS, status(process, "VmRSS"));
    values.put(HEAP, heap(jcmd(bed, "GC.heap_info")));
    values.put(MOUNTS, (long) traces.mounts().size());
    values.put(LOOP_DEVICES, (long) traces.loopDevices().size());
    values.put(FILES, filesBelow(bed.root()));
    values.put(ROWS, rows(bed.root().resolve("ledger.db")));
    values.put(LEDGER, size(bed.root().resolve("ledger.db")));
    values.put(LEDGER_LOG, size(bed.root().resolve("ledger.db-wal")));
    values.put(OPERATIONS, (long) bed.berth().metric("berth_operations"));
    values.put(CALLS, (long) bed.berth().metric("berth_calls_in_flight"));
    return new Footprint(values);
  }

  /** What is more here than in {@code before} by more than the allowance for it, which is 0. */
  Map<String, String> growthSince(Footprint before, Map<String, Long> allowances) {
    Map<String, String> grown = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> {
          if (value - before.values.get(name) > allowances.getOrDefault(name, 0L)) {
            grown.put(name, "%d, was %d".formatted(value, before.values.get(name)));
          }
        });
    return grown;
  }

  /** Both, side by side, one line for each value. */
  static String table(Footprint before, Footprint after) {
    StringBuilder table =
        new StringBuilder("%-24s %12s %12s %12s%n".formatted("", "before", "after", "growth"));
    before.values.forEach(
        (name, value) ->
            table.append(
                "%-24s %12d %12d %+12d%n"
                    .formatted(
                        name, value, after.values.get(name), after.values.get(name) - value)));
    return table.toString();
  }

  private static String jcmd(TestBed bed, String command) {
    Path program = Path.of(System.getProperty("java.home"), "bin/jcmd");
    return Run.of(program.toString(), "" + bed.berth().pid(), command).succeed().out();
  }

  /** In KiB: both generations, as the serial collector names them. */
  private static long heap(String info) {
    Matcher generation =
        Pattern.compile("(?m)^\\s*(?:DefNew|Tenured)\\s.*used (\\d+)K").matcher(info);
    return generation.results().mapToLong(found -> Long.parseLong(found.group(1))).sum();
  }

  private static long count(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long status(Path process, String field) {
    Matcher line =
        Pattern.compile("(?m)^%s:\\s+(\\d+)".formatted(field))
            .matcher(Traces.read(process.resolve("status")));
    return Optional.of(line)
        .filter(Matcher::find)
        .map(found -> Long.parseLong(found.group(1)))
        .orElseThrow(() -> new AssertionError("no %s of %s".formatted(field, process)));
  }

  /** Without what is in mounted volumes, and without the files of the ledger. */
  private static long filesBelow(Path root) {
    return Run.of("find", root.toString(), "-xdev", "-not", "-name", "ledger.db*")
        .succeed()
        .lines()
        .size();
  }

  private static long rows(Path ledger) {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + ledger);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT (SELECT count(*) FROM volumes) + (SELECT count(*) FROM claims)")) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new AssertionError("the ledger cannot be read", e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) / KIB : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
