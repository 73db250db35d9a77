package dev.berth.model;

import dev.berth.model.Request.Message;
import dev.berth.testing.Async;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import dev.berth.testing.TestBed;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;

/** A request on its way. */
record Sent(Message message, Instant start, Future<Exchange> exchange) {
  /** Its reply is empty if the connection ended without one. */
  record Exchange(Optional<Reply> reply, Instant end) {}

  static Sent send(TestBed bed, Message message) {
    Map<String, String> headers =
        message.path().startsWith("v1/")
            ? Map.of("Content-Type", "application/json")
            : Map.of("Accept", PluginClient.VENDOR);
    byte[] bytes = PluginClient.request(message.verb(), message.path(), message.body(), headers);
    return new Sent(message, Instant.now(), Async.start(() -> exchange(bed, bytes)));
  }

  private static Exchange exchange(TestBed bed, byte[] bytes) {
    try {
      return new Exchange(Optional.of(bed.client().send(bytes)), Instant.now());
    } catch (UncheckedIOException e) {
      return new Exchange(Optional.empty(), Instant.now());
    }
  }

  Exchange end(Duration limit) {
    return Async.get(exchange, limit);
  }
}
