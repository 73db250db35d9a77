package dev.berth.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One connection to a Unix socket, carrying one HTTP exchange after the other. */
public final class Connection implements AutoCloseable {
  private final SocketChannel channel;
  private final InputStream stream;

  private Connection(SocketChannel channel) {
    this.channel = channel;
    stream = Channels.newInputStream(channel);
  }

  public static Connection open(Path socket) throws IOException {
    return new Connection(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
  }

  public void write(byte[] bytes) throws IOException {
    for (ByteBuffer buffer = ByteBuffer.wrap(bytes); buffer.hasRemaining(); ) {
      channel.write(buffer);
    }
  }

  /** The next message, empty at the end of the stream; waits at most {@code limit}. */
  public Optional<HttpMessage> read(Duration limit) throws IOException {
    CompletableFuture<Void> watchdog = Async.watchdog(limit, this::close);
    try {
      return HttpMessage.read(stream);
    } finally {
      watchdog.complete(null);
    }
  }

  /** Says that nothing more comes. */
  public void finish() throws IOException {
    channel.shutdownOutput();
  }

  /**
   * All that comes until the other side closes, be it with a reset because it had not read
   * everything; that it does not within {@code limit} is a failure.
   */
  public byte[] readToEnd(Duration limit) throws IOException {
    CompletableFuture<Void> watchdog = Async.watchdog(limit, this::close);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] part = new byte[8192];
    try {
      for (int count = stream.read(part); count >= 0; count = stream.read(part)) {
        bytes.write(part, 0, count);
      }
    } catch (ClosedChannelException e) {
      throw new IOException("still open after %s and: %s".formatted(limit, bytes), e);
    } catch (SocketException e) {
      return bytes.toByteArray();
    } finally {
      watchdog.complete(null);
    }
    return bytes.toByteArray();
  }

  public HttpMessage exchange(byte[] request, Duration limit) throws IOException {
    write(request);
    return read(limit).orElseThrow(() -> new EOFException("closed without an answer"));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
