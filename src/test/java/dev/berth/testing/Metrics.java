package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What Berth's management port says at {@code /q/metrics}, in the Prometheus text format. */
public record Metrics(String text) {
  /** Asks the port of this host. */
  public static Metrics read(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(
              "GET /q/metrics HTTP/1.0\r\nAccept: text/plain\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      return new Metrics(
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("no metrics at port " + port, e);
    }
  }

  /**
   * The sum of the samples of one name that have all these tags, written as {@code area="heap"}; it
   * is a failure if there are none.
   */
  public double sum(String name, String... tags) {
    Pattern sample = Pattern.compile(Pattern.quote(name) + "(?:\\{(.*)})? (\\S+)");
    return text.lines()
        .map(sample::matcher)
        .filter(Matcher::matches)
        .filter(line -> Stream.of(tags).allMatch(tag -> ("" + line.group(1)).contains(tag)))
        .map(line -> Double.parseDouble(line.group(2)))
        .reduce(Double::sum)
        .orElseThrow(() -> new AssertionError("no metric %s in %s".formatted(name, text)));
  }
}
