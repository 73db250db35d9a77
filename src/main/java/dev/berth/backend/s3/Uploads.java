package dev.berth.backend.s3;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
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

  /** Waits at most {@code limit} until there are none; how many there still are is returned. */
  int awaitAll(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    int left = client.notUploaded(directory).size();
    while (left > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(POLL.toNanos());
      left = client.notUploaded(directory).size();
    }
    return left;
  }

  /**
   * The same for those that there are now. One that somebody goes on writing is no longer waited
   * for: it may never come to rest.
   */
  int awaitThose(Duration limit) {
    Instant closed = Instant.now().plus(CLOSING);
    long end = System.nanoTime() + limit.toNanos();
    Set<Path> waiting = new HashSet<>(client.notUploaded(directory));
    while (!waiting.isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(POLL.toNanos());
      waiting.retainAll(client.notUploaded(directory));
      waiting.removeIf(file -> isWrittenAfter(file, closed));
    }
    return waiting.size();
  }

  private static boolean isWrittenAfter(Path file, Instant time) {
    try {
      return Files.getLastModifiedTime(file).toInstant().isAfter(time);
    } catch (IOException e) {
      return true;
    }
  }
}
