package dev.berth.backend;

import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.nio.file.Path;

/**
 * What makes volumes. Every verb is idempotent: it looks first, and does only what is missing. The
 * caller holds the volume's lock, so a verb never runs twice at once for one volume, but it runs
 * for many volumes at once. Verbs throw {@link VolumeException} and nothing else.
 *
 * <p>Take care when adding to this interface: eight verbs are the limit. What only some backends
 * can do is a small interface of its own, such as {@link Growable} and {@link SnapshotStore}.
 */
public interface VolumeBackend {
  /** What is true of all its volumes. Constant, never blocks. */
  BackendTraits traits();

  /**
   * Refuses options that do not fit together or cannot be met on this host, and fills in what was
   * left open, so that the volume is fully described before anything is made. Changes nothing; may
   * block a few seconds to look at a source.
   */
  VolumeOptions prepare(VolumeName name, VolumeOptions options, VolumeLookup volumes);

  /**
   * Makes the volume's thing. If it was made already, by this volume's id, it is returned; if an
   * earlier call failed half-way, it is completed. A failure leaves nothing that {@link
   * #deprovision} would not find. May block minutes.
   */
  Provisioned provision(Volume volume, VolumeLookup volumes);

  /** The path Docker is given, whether mounted or not. Never blocks, reads nothing. */
  Path mountpoint(Volume volume);

  /**
   * Brings the volume to this host and mounts it: attach, format once, check, mount. If it is
   * mounted, that is verified and the call returns at once; a mounted filesystem that has {@link
   * Observed.Health.Failed failed} is {@link VolumeException.Failed}, and left as it is. On failure
   * all that this call did is undone, as far as it can be; what stays is found by {@link #observe}
   * and undone by {@link #unmount}. May block minutes.
   *
   * @return the mountpoint, just verified to be on a mount of the right device
   */
  Path mount(Volume volume, ContentJournal journal);

  /**
   * Unmounts the volume and takes it off this host. Not mounted, not attached, not existing:
   * success. In use: {@link VolumeException.InUse}, and it stays mounted. May block as long as
   * unwritten data takes to reach the device.
   */
  void unmount(Volume volume);

  /**
   * Deletes the volume's thing, data included; the volume is not mounted. Absent: success. Some of
   * it is deleted, or what has to be done first takes longer: {@link VolumeException.InProgress},
   * and the same call goes on. That some of it may be deleted by now: {@link
   * VolumeException.UnknownOutcome}. Any other failure means that this call deleted nothing. May
   * block minutes.
   */
  void deprovision(Volume volume);

  /** What is there on this host. Changes nothing, asks no cloud, and answers in milliseconds. */
  Observed observe(Volume volume);
}
