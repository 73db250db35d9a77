package dev.berth.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One HTTP/1.1 request or answer, with its bytes as they came. */
public record HttpMessage(String startLine, Map<String, String> headers, String body, String raw) {
  /** The next message; empty if the stream ends before it begins. Half a message is an error. */
  public static Optional<HttpMessage> read(InputStream stream) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String head = head(stream, bytes);
    if (head.isEmpty()) {
      return Optional.empty();
    }
    List<String> lines = head.lines().toList();
    Map<String, String> headers = new TreeMap<>();
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(
            line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] body = stream.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the body ended after %d of %d".formatted(body.length, length));
    }
    bytes.write(body);
    return Optional.of(
        new HttpMessage(
            lines.getFirst(),
            headers,
            new String(body, StandardCharsets.UTF_8),
            bytes.toString(StandardCharsets.ISO_8859_1)));
  }

  private static String head(InputStream stream, ByteArrayOutputStream bytes) throws IOException {
    for (int last = 0; ; ) {
      int next = stream.read();
      if (next < 0) {
        if (bytes.size() == 0) {
          return "";
        }
        throw new EOFException("the head ended after %d bytes".formatted(bytes.size()));
      }
      bytes.write(next);
      last = last << 8 | next;
      if (last == 0x0d0a0d0a) {
        return bytes.toString(StandardCharsets.US_ASCII);
      }
    }
  }

  /** The bytes of the whole message. */
  public byte[] bytes() {
    return raw.getBytes(StandardCharsets.ISO_8859_1);
  }
}
