package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

  /** The sum of all samples of one name; it is a failure if there are none. */
  public double sum(String name) {
    Matcher samples =
        Pattern.compile("(?m)^%s(?:\\{[^}]*})? (\\S+)".formatted(Pattern.quote(name)))
            .matcher(text);
    if (!samples.find()) {
      throw new AssertionError("no metric %s in %s".formatted(name, text));
    }
    double sum = 0;
    do {
      sum += Double.parseDouble(samples.group(1));
    } while (samples.find());
    return sum;
  }
}
