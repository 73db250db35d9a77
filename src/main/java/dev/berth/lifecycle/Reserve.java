package dev.berth.lifecycle;

import dev.berth.volume.ByteSize;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Space below the root that is kept for what is there already: for the ledger, for unmounts and for
 * removals, which make room again. While less is free, nothing is begun that would take some.
 */
@ApplicationScoped
public class Reserve {
  private final Path root;
  private final ByteSize kept;
  private final ThisHost host;

  public Reserve(LifecycleConfig config, ThisHost host) {
    root = config.root();
    kept = config.reserve();
    this.host = host;
  }

  /** What is so, and what to do about it, if less is free than is to be kept. */
  public Optional<String> shortage() {
    try {
      long free = Files.getFileStore(root).getUsableSpace();
      return free >= kept.bytes()
          ? Optional.empty()
          : Optional.of(
              "there is no space left in %s on host %s but %d MiB, and %s are kept for the ledger and for removals (berth.reserve). Make room: remove a volume that nobody needs with 'docker volume rm', which works all the same, or enlarge the disk"
                  .formatted(root, host.id(), free >> 20, kept));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Refuses, as {@link VolumeException.Failed}, to {@code verb} a volume that would take room. */
  void require(String verb, VolumeName volume) {
    shortage()
        .ifPresent(
            what -> {
              throw new VolumeException.Failed(
                  "cannot %s volume %s: %s".formatted(verb, volume, what));
            });
  }
}
