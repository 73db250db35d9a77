package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between the engine and Berth, passes every byte on and writes down the calls. */
public final class RecordingProxy implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(130);

  private final Path socket;
  private final Path target;
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();
  private ServerSocketChannel server;

  public RecordingProxy(Path socket, Path target) {
    this.socket = socket;
    this.target = target;
  }

  public void start() {
    try {
      Files.createDirectories(socket.getParent());
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket), 128);
      Thread.ofPlatform().daemon().start(this::accept);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All calls from the start. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** The calls of one method, given without the prefix, for one volume. */
  public List<Call> calls(String method, String volume) {
    return calls.stream()
        .filter(call -> call.method().equals("VolumeDriver." + method))
        .filter(call -> call.name().equals(volume))
        .toList();
  }

  public int count(String method, String volume) {
    return calls(method, volume).size();
  }

  /** How often a method such as {@code Plugin.Activate} was called. */
  public int count(String method) {
    return (int) calls.stream().filter(call -> call.method().equals(method)).count();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        clients.add(client);
        Thread.ofPlatform().daemon().start(() -> serve(client));
      }
    } catch (ClosedChannelException e) {
      clients.forEach(RecordingProxy::closeQuietly);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(SocketChannel client) {
    try (client;
        Connection plugin = Connection.open(target)) {
      Optional<HttpMessage> request = HttpMessage.read(Channels.newInputStream(client));
      while (request.isPresent()) {
        HttpMessage reply = plugin.exchange(request.get().bytes(), LIMIT);
        calls.add(call(request.get(), reply));
        client.write(ByteBuffer.wrap(reply.bytes()));
        request = HttpMessage.read(Channels.newInputStream(client));
      }
    } catch (IOException e) {
      // One side has gone; closing both is what the other side would see without a proxy.
    } finally {
      clients.remove(client);
    }
  }

  private static Call call(HttpMessage request, HttpMessage reply) {
    String method = request.startLine().split(" ", -1)[1].substring(1);
    String body = request.body().isBlank() ? "{}" : request.body();
    return new Call(method, new Reply(0, request.headers(), body), Reply.of(reply));
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // It was closed from the other side.
    }
  }

  @Override
  public void close() {
    try {
      if (server != null) {
        server.close();
      }
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
