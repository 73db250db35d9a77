package dev.berth.bench;

import dev.berth.testing.Async;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** Asks a plugin that is being started until it answers. */
final class FirstAnswer {
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(1);

  private FirstAnswer() {}

  /** Returns when List was answered; fails if that takes longer than {@code limit}. */
  static void await(Path socket, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    ByteBuffer list = KeptOpen.request("VolumeDriver.List", Map.of());
    while (Files.notExists(socket) || !answers(socket, list)) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no answer at %s within %s".formatted(socket, limit));
      }
      Async.pause(BETWEEN_TRIES);
    }
  }

  private static boolean answers(Path socket, ByteBuffer list) {
    try (KeptOpen connection = new KeptOpen(socket)) {
      connection.call(list);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
