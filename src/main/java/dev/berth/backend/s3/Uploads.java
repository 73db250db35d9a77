package dev.berth.backend.s3;

import dev.berth.volume.VolumeName;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/**
 * Files that were closed by their writers and are not in the store yet.
 *
 * @param directory of the volume on this host
 */
record Uploads(FuseClient client, Path directory) {
  private static final Duration POLL = Duration.ofMillis(100);

  /** A client comes to know that a file was closed a moment after its writer does. */
  private static final Duration CLOSING = Duration.ofSeconds(2);

  /** What to do if the store never takes them: its bucket is gone, say. */
  static String wayOut(VolumeName volume) {
    return "if nobody needs them, 'berth release --force --discard %s' deletes them"
        .formatted(volume);
  }

  /** Waits at most {@code limit} until there are none; how many there still are is returned. */
  int awaitAll(Duration limit) {
    return await(Instant.MAX, limit);
  }

  /**
   * The same for those that there are now. One that somebody goes on writing is no longer waited
   * for: it may never come to rest.
   */
  int awaitThose(Duration limit) {
    return await(Instant.now().plus(CLOSING), limit);
  }

  private int await(Instant latest, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    int left = client.notUploaded(directory, latest);
    while (left > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(POLL.toNanos());
      left = client.notUploaded(directory, latest);
    }
    return left;
  }
}
