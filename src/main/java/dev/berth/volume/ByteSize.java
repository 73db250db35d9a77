package dev.berth.volume;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number of bytes, never negative. */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,18}(?:\\.\\d{1,3})?)\\s*([a-z]*)");
  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;
  private static final long TIB = 1L << 40;
  private static final Unit[] LARGEST_FIRST = {
    new Unit("TiB", TIB), new Unit("GiB", GIB), new Unit("MiB", MIB), new Unit("KiB", KIB)
  };
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", GIB),
          Map.entry("b", 1L),
          Map.entry("k", KIB),
          Map.entry("kb", KIB),
          Map.entry("kib", KIB),
          Map.entry("m", MIB),
          Map.entry("mb", MIB),
          Map.entry("mib", MIB),
          Map.entry("g", GIB),
          Map.entry("gb", GIB),
          Map.entry("gib", GIB),
          Map.entry("t", TIB),
          Map.entry("tb", TIB),
          Map.entry("tib", TIB));

  private record Unit(String name, long bytes) {}

  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("negative size: " + bytes);
    }
  }

  /**
   * Reads {@code 20GiB}, {@code 20g}, {@code 512MiB}, {@code 1.5T} or a plain {@code 20}, which
   * means GiB as in EC2. Units are powers of 1024 whatever their spelling. Anything else, zero and
   * what exceeds 8 EiB is {@link VolumeException.Invalid}.
   */
  public static ByteSize parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
    Long unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
    if (unit == null) {
      throw new VolumeException.Invalid(
          "'%s' is not a size such as 20GiB, 512MiB or 20 (GiB)".formatted(Shown.of(text)));
    }
    BigDecimal bytes =
        new BigDecimal(matcher.group(1))
            .multiply(BigDecimal.valueOf(unit))
            .setScale(0, RoundingMode.DOWN);
    if (bytes.signum() <= 0 || bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw new VolumeException.Invalid("the size '%s' is out of range".formatted(Shown.of(text)));
    }
    return new ByteSize(bytes.longValueExact());
  }

  public static ByteSize ofMiB(long count) {
    return new ByteSize(Math.multiplyExact(count, MIB));
  }

  public static ByteSize ofGiB(long count) {
    return new ByteSize(Math.multiplyExact(count, GIB));
  }

  /**
   * The shortest exact spelling that {@link #parse} reads back: {@code 20GiB}, {@code 1536MiB},
   * {@code 700B}.
   */
  @Override
  public String toString() {
    if (bytes > 0) {
      for (Unit unit : LARGEST_FIRST) {
        if (bytes % unit.bytes == 0) {
          return bytes / unit.bytes + unit.name;
        }
      }
    }
    return bytes + "B";
  }

  @Override
  public int compareTo(ByteSize other) {
    return Long.compare(bytes, other.bytes);
  }
}
