package dev.berth.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Whether a filesystem answers. For FUSE this asks the process behind it and nobody else: statvfs
 * never reaches the store, and is never answered from a cache.
 */
public final class FilesystemProbe {
  private FilesystemProbe() {}

  /** What came of it. */
  public sealed interface Answer {
    /** It answers. */
    record Answers() implements Answer {}

    /** It refuses, as a FUSE filesystem does whose process is gone. */
    record Fails(String why) implements Answer {}

    /**
     * It has not answered in time; the call hangs on until the filesystem answers or is aborted.
     */
    record Hangs() implements Answer {}
  }

  /**
   * Asks the filesystem at {@code path}. Blocks at most {@code limit}; a filesystem that hangs
   * holds a thread until it is aborted, so ask it again only after that.
   */
  public static Answer ask(Path path, Duration limit) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Threads.start(
        "probe " + path,
        () -> {
          long result = Libc.statvfs(MountPoint.of(path).bytes());
          answer.complete(
              result < 0 ? new Answer.Fails(Libc.message(result)) : new Answer.Answers());
        });
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return new Answer.Hangs();
    } catch (ExecutionException e) {
      throw new HostException.Io("cannot probe " + path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException.Io("interrupted while probing " + path, e);
    }
  }
}
