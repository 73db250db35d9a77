package dev.berth.bench;

import java.util.Locale;
import java.util.Optional;

/**
 * A line of the table.
 *
 * @param peer what Berth is compared with, and its figure; empty if it is not
 * @param aim what is aimed at, and whether it was met; empty if nothing is
 */
record Row(String what, String berth, String peer, String ratio, String aim) {
  static final String HEAD =
      """
      | what | Berth | peer | ratio | aim |
      |---|---|---|---|---|
      """;

  static Row of(String what, Samples berth) {
    return new Row(what, berth.toString(), "", "", "");
  }

  /** Medians, and what their ratio shall not exceed. */
  static Row ratio(String what, Samples berth, String peer, Samples other, double aim) {
    double ratio = berth.median() / other.median();
    return of(what, berth)
        .beside(peer, Optional.of(other), berth)
        .aimingAt("≤ " + number(aim), ratio <= aim);
  }

  /** A percentile of each, and what their ratio shall not exceed. */
  static Row percentiles(
      String what, int percent, Samples berth, String peer, Optional<Samples> other, double aim) {
    double ours = berth.percentile(percent);
    Row row = new Row(what, Samples.time(ours), "", "", "");
    return other
        .map(samples -> samples.percentile(percent))
        .map(
            theirs ->
                row.beside(peer, Samples.time(theirs), ours / theirs)
                    .aimingAt("≤ " + number(aim), ours / theirs <= aim))
        .orElse(row);
  }

  /** Means, which callers that wait for each other cannot shift among themselves. */
  static Row means(String what, Samples berth, String peer, Optional<Samples> other) {
    Row row = new Row(what, Samples.time(berth.mean()), "", "", "");
    return other
        .map(theirs -> row.beside(peer, Samples.time(theirs.mean()), berth.mean() / theirs.mean()))
        .orElse(row);
  }

  /** What the median shall not exceed, in milliseconds. */
  static Row limit(String what, Samples berth, double millis) {
    return of(what, berth)
        .aimingAt("≤ %.0f ms".formatted(millis), berth.median() <= millis * Samples.MILLI);
  }

  /** How many there are of something, and what that shall not exceed. */
  static Row count(String what, double berth, double aim) {
    return new Row(what, number(berth), "", "", "").aimingAt("≤ " + number(aim), berth <= aim);
  }

  /** Bytes. */
  static Row memory(String what, long berth, String peer, Optional<Long> other) {
    Row row = new Row(what, Machine.mebibytes(berth), "", "", "");
    return other
        .map(bytes -> row.beside(peer, Machine.mebibytes(bytes), berth / (double) bytes))
        .orElse(row);
  }

  Row beside(String name, Optional<Samples> other, Samples ours) {
    return other
        .map(theirs -> beside(name, theirs.toString(), ours.median() / theirs.median()))
        .orElse(this);
  }

  private Row beside(String name, String figure, double times) {
    return new Row(what, berth, name + " " + figure, number(times), aim);
  }

  Row aimingAt(String limit, boolean met) {
    return new Row(what, berth, peer, ratio, limit + (met ? ", met" : ", **missed**"));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  @Override
  public String toString() {
    return "| %s | %s | %s | %s | %s |".formatted(what, berth, peer, ratio, aim);
  }
}
