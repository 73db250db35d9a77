package dev.berth.lifecycle;

import dev.berth.backend.Observed;
import dev.berth.volume.Content;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.HostId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeState;
import java.nio.file.Path;
import java.util.Optional;

/** What people want to know of a volume, read out of its state. */
public final class VolumeFacts {
  private VolumeFacts() {}

  /** The kernel's name of its filesystem; empty while it has none. */
  public static Optional<String> filesystem(Volume volume) {
    if (volume.state() instanceof VolumeState.Creating) {
      return Optional.empty();
    }
    Optional<FilesystemType> type =
        switch (volume.made().content()) {
          case Content.Formatted formatted -> Optional.of(formatted.type());
          case Content.Copied copied -> Optional.of(copied.type());
          case Content.Blank _, Content.Formatting _, Content.Unmanaged _, Content.Foreign _ ->
              Optional.empty();
        };
    return type.map(FilesystemType::kernelName);
  }

  /** The path of its device on this host; empty if it is not here, or on no device of its own. */
  public static Optional<String> device(VolumeStatus status) {
    return switch (status.observed()) {
      case Observed.Detached _ -> Optional.empty();
      case Observed.Attached attached -> attached.device().map(Path::toString);
      case Observed.Mounted mounted -> mounted.device().map(Path::toString);
    };
  }

  public static Optional<HostId> owner(Volume volume) {
    return volume.state() instanceof VolumeState.Creating
        ? Optional.empty()
        : volume.made().owner();
  }
}
