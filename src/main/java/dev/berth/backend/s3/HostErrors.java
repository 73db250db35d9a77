package dev.berth.backend.s3;

import dev.berth.host.HostException;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.util.function.Supplier;

/** Where what the operating system refused becomes what happened to a volume. */
final class HostErrors {
  private HostErrors() {}

  /** Runs {@code work}, which is to {@code verb} the volume, e.g. "mount". */
  static <T> T translating(String verb, Volume volume, Supplier<T> work) {
    try {
      return work.get();
    } catch (HostException e) {
      throw translated(verb, volume, e);
    }
  }

  private static VolumeException translated(String verb, Volume volume, HostException e) {
    String what = "cannot %s volume %s: %s".formatted(verb, volume.name(), e.getMessage());
    return switch (e) {
      case HostException.ToolFailed failed when failed.errors().contains("target is busy") ->
          new VolumeException.InUse(
              what + ". A process of this host has a file of it open or is writing one", e);
      case HostException.ToolTimedOut slow ->
          new VolumeException.UnknownOutcome(what + ". Look at the client, then try again", e);
      case HostException.Unexpected unexpected -> new VolumeException.Refused(what, e);
      case HostException.ToolFailed _,
          HostException.ToolMissing _,
          HostException.Io _,
          HostException.CallFailed _ ->
          new VolumeException.Failed(what, e);
    };
  }
}
