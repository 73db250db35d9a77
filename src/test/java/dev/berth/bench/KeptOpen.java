package dev.berth.bench;

import dev.berth.testing.PluginClient;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * A connection to a plugin that is kept open, as the engine keeps its own, and costs the measured
 * machine as little as can be: one write and, usually, one read for each call.
 */
final class KeptOpen implements AutoCloseable {
  private static final int BUFFER = 1 << 16;
  private static final String LENGTH = "content-length:";
  private static final String ERROR = "\"Err\":\"";

  private final SocketChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

  KeptOpen(Path socket) throws IOException {
    channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
  }

  /** A request to be sent many times. */
  static ByteBuffer request(String method, Map<String, ?> body) {
    return ByteBuffer.wrap(PluginClient.request(method, PluginClient.json(body)));
  }

  /** Sends the request and reads the whole answer; one that says that it failed is an error. */
  void call(ByteBuffer request) throws IOException {
    ByteBuffer bytes = request.duplicate();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    buffer.clear();
    int end = -1;
    while (end < 0) {
      read();
      end = endOfHead();
    }
    String head = new String(buffer.array(), 0, end, StandardCharsets.US_ASCII);
    if (!head.startsWith("HTTP/1.1 200 ")) {
      throw new IOException("answered: " + head.lines().findFirst().orElse(""));
    }
    for (long left = length(head) - (buffer.position() - end); left > 0; ) {
      buffer.clear();
      left -= read();
    }
    refuseError();
  }

  /** An answer that says why a call failed comes with status 200 too. */
  private void refuseError() throws IOException {
    String end = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
    int at = end.lastIndexOf(ERROR);
    if (at >= 0 && !end.startsWith("\"", at + ERROR.length())) {
      throw new IOException("answered: " + end.substring(at));
    }
  }

  private int read() throws IOException {
    int count = channel.read(buffer);
    if (count < 0) {
      throw new EOFException("closed in the middle of an answer");
    }
    return count;
  }

  private int endOfHead() {
    byte[] bytes = buffer.array();
    for (int i = 3; i < buffer.position(); i++) {
      if (bytes[i] == '\n' && bytes[i - 2] == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  private static long length(String head) throws IOException {
    String lower = head.toLowerCase(Locale.ROOT);
    int at = lower.indexOf(LENGTH);
    if (at < 0) {
      throw new IOException("the answer has no Content-Length: " + head);
    }
    return Long.parseLong(lower.substring(at + LENGTH.length(), lower.indexOf('\r', at)).strip());
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
