package dev.berth.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.PrintWriter;
import java.util.List;
import java.util.stream.IntStream;

/** Tables for people, JSON for programs. */
final class Printer {
  private static final long KIB = 1024;
  private static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB");

  private Printer() {}

  static void json(PrintWriter out, Object value) {
    try {
      out.println(BerthClient.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Left-aligned columns, two blanks apart. */
  static void table(PrintWriter out, List<String> header, List<List<String>> rows) {
    int[] widths =
        IntStream.range(0, header.size())
            .map(
                column ->
                    Math.max(
                        header.get(column).length(),
                        rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0)))
            .toArray();
    row(out, header, widths);
    rows.forEach(row -> row(out, row, widths));
  }

  private static void row(PrintWriter out, List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < cells.size(); column++) {
      line.append(cells.get(column)).repeat(' ', widths[column] - cells.get(column).length() + 2);
    }
    out.println(line.toString().stripTrailing());
  }

  /** A number of bytes as {@code 1.5 GiB}. */
  static String size(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= KIB && unit < UNITS.size() - 1) {
      value /= KIB;
      unit++;
    }
    String number =
        value == Math.rint(value) ? String.valueOf((long) value) : "%.1f".formatted(value);
    return number + " " + UNITS.get(unit);
  }
}
