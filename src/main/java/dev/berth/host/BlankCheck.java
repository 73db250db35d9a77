package dev.berth.host;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks for a byte of a device that is not zero.
 *
 * <p>The answer is exact, down to one single byte, for a device with a file behind it: not one
 * block of the file was ever written, as its filesystem says, or all of the file is read. It is
 * exact for any other device of at most 1 GiB, which is read whole. Of a larger one the {@link
 * BlankSamples} are read: they find whatever covers a 1,024th of it, and the copies of superblocks
 * that filesystems keep, but not a lone byte between two samples.
 */
@ApplicationScoped
public class BlankCheck {
  private static final long WHOLE_UP_TO = 1L << 30;
  private static final Duration STALL = Duration.ofSeconds(60);

  /**
   * Filesystems that count every block of a file that was written to, those still in memory
   * included, and a file kept in its inode as well. Others may say 0 of any file.
   */
  private static final Set<String> COUNT_BLOCKS =
      Set.of("ext2", "ext3", "ext4", "xfs", "btrfs", "tmpfs", "overlay");

  private final CommandRunner commands;

  public BlankCheck(CommandRunner commands) {
    this.commands = commands;
  }

  /**
   * Where a byte that is not zero was read, empty if there is none (see above). A read that fails,
   * or brings nothing for a minute, is a {@link HostException}: it is no answer. A read that hangs
   * in the kernel for good keeps a thread of its own.
   */
  public OptionalLong firstData(BlockDevice device) {
    Optional<Path> file = device.backingFile();
    if (file.isPresent() && !neverWritten(device, file.get())) {
      OptionalLong data = scan(new ZeroScan(file.get(), List.of(ZeroScan.whole(device.size()))));
      if (data.isPresent()) {
        return data;
      }
    }
    boolean whole = file.isEmpty() && device.size() <= WHOLE_UP_TO;
    return scan(
        new ZeroScan(
            device.path(),
            whole ? List.of(ZeroScan.whole(device.size())) : BlankSamples.of(device.size())));
  }

  private boolean neverWritten(BlockDevice device, Path file) {
    try {
      writeBack(device);
      if (!COUNT_BLOCKS.contains(Files.getFileStore(file).type())) {
        return false;
      }
    } catch (IOException e) {
      throw new HostException.Io("cannot look at %s behind %s".formatted(file, device.path()), e);
    }
    String blocks =
        commands.run(Command.of(Tool.STAT, "--format=%b", "--", file.toString())).orFail().output();
    return blocks.strip().equals("0");
  }

  /** What was written to the device and is still in memory is not in the file yet. */
  private static void writeBack(BlockDevice device) throws IOException {
    try (FileChannel channel = FileChannel.open(device.path(), StandardOpenOption.READ)) {
      channel.force(false);
    }
  }

  private static OptionalLong scan(ZeroScan scan) {
    CompletableFuture<OptionalLong> answer = new CompletableFuture<>();
    Threads.start(
        "blank-check " + scan.place(),
        () -> {
          try {
            answer.complete(scan.firstData());
          } catch (Throwable e) {
            answer.completeExceptionally(e);
          }
        });
    for (long before = -1; ; before = scan.position()) {
      try {
        return answer.get(STALL.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (scan.position() == before) {
          throw new HostException.Io(
              "reading %s brought nothing for %d s, at byte %d"
                  .formatted(scan.place(), STALL.toSeconds(), before),
              e);
        }
      } catch (ExecutionException e) {
        throw new HostException.Io(
            "cannot read %s near byte %d".formatted(scan.place(), scan.position()),
            e.getCause() == null ? e : e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new HostException.Io("interrupted while reading " + scan.place(), e);
      }
    }
  }
}
