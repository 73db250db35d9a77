package dev.berth.backend.s3;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Files that were closed by their writers and are not in the store yet. */
final class Uploads {
  private static final Duration POLL = Duration.ofMillis(100);

  private Uploads() {}

  /**
   * Waits at most {@code limit} until there are none; how many there still are is returned.
   *
   * @param directory of the volume on this host
   */
  static long left(ClientKind kind, Path directory, Duration limit) {
    FuseClient client = FuseClients.of(kind);
    long end = System.nanoTime() + limit.toNanos();
    long left = client.notUploaded(directory);
    while (left > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(POLL.toNanos());
      left = client.notUploaded(directory);
    }
    return left;
  }
}
