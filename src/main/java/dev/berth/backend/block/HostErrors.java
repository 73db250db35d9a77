package dev.berth.backend.block;

import dev.berth.host.HostException;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.util.Optional;
import java.util.function.Supplier;

/** Where what the operating system refused becomes what happened to a volume. */
final class HostErrors {
  private final Supplier<Optional<String>> shortage;

  /** {@code shortage} tells what lies behind many an error, see {@link BlockStore#shortage}. */
  HostErrors(Supplier<Optional<String>> shortage) {
    this.shortage = shortage;
  }

  /** Runs {@code work}, which is to {@code verb} the volume, e.g. "mount". */
  <T> T translating(String verb, Volume volume, Supplier<T> work) {
    try {
      return work.get();
    } catch (HostException e) {
      throw translated(verb, volume, e);
    }
  }

  void translating(String verb, Volume volume, Runnable work) {
    translating(
        verb,
        volume,
        () -> {
          work.run();
          return true;
        });
  }

  private VolumeException translated(String verb, Volume volume, HostException e) {
    String what =
        "cannot %s volume %s: %s%s"
            .formatted(
                verb, volume.name(), e.getMessage(), shortage.get().map("; "::concat).orElse(""));
    return switch (e) {
      case HostException.ToolFailed failed when failed.errors().contains("target is busy") ->
          new VolumeException.InUse(what + ". A process of this host has a file of it open", e);
      case HostException.ToolFailed failed -> new VolumeException.Failed(what, e);
      case HostException.ToolMissing missing -> new VolumeException.Failed(what, e);
      case HostException.ToolTimedOut slow ->
          new VolumeException.UnknownOutcome(
              what + ". Look at the device's state, then try again", e);
      case HostException.Io io -> new VolumeException.Failed(what, e);
      case HostException.CallFailed refused -> new VolumeException.Failed(what, e);
      case HostException.Unexpected unexpected -> new VolumeException.Refused(what, e);
    };
  }
}
