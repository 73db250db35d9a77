package dev.berth.backend.block;

import dev.berth.host.BlockDevice;
import dev.berth.volume.BackendName;
import dev.berth.volume.BackendRef;
import dev.berth.volume.ByteSize;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Option;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeOptions;
import java.util.List;
import java.util.Optional;

/**
 * Where block devices come from. Every verb is idempotent and looks first; the caller holds the
 * volume's lock. Verbs throw {@link dev.berth.volume.VolumeException} or {@link
 * dev.berth.host.HostException}. Eight verbs are the limit, to which what it is told of its things
 * comes; the snapshots are a small interface of their own, {@link BlockSnapshots}.
 */
public interface BlockStore {
  /** What is true of all its volumes. Constant, never blocks. */
  Traits traits();

  /**
   * What is true of all volumes of a store.
   *
   * @param options those its volumes take beyond {@link BlockOptions#ALL}
   */
  record Traits(BackendName name, List<Option<?>> options) {}

  /**
   * Refuses, as {@link dev.berth.volume.VolumeException.Invalid}, what the store cannot make, and
   * fills in what it decides itself. The size may come out larger than it was given, and is there
   * in the result; before, it may be absent only if the source is {@link BlockSource.Existing}.
   * Changes nothing; may block a few seconds.
   */
  VolumeOptions prepare(VolumeOptions options, BlockSource source);

  /**
   * Makes the thing, of the size in the volume's options and with the bytes of {@code source}. Made
   * already: returned. Half-made by an earlier call: completed. May block minutes.
   */
  BackendRef provision(Volume volume, BlockSource source);

  /**
   * Attaches the device to this host and returns it, after proof that it is the volume's: its
   * serial, or the file behind it. Attached already: returned, after the same proof. Absent: an
   * error. May block as long as the cloud takes.
   */
  BlockDevice attach(Volume volume);

  /**
   * The volume's device if it is attached to this host, found without asking a cloud. Milliseconds.
   */
  Optional<BlockDevice> attached(Volume volume);

  /**
   * Takes the device off this host. Not attached: success. Still mounted or open: an error, and it
   * stays.
   */
  void detach(Volume volume);

  /**
   * Deletes the thing and its data, all of it or nothing. Absent: success. Not called while
   * attached. Fails as {@link dev.berth.backend.VolumeBackend#deprovision} does.
   */
  void delete(Volume volume);

  /**
   * The size of the thing; empty if it is not there, or about to go. Fails and blocks as {@link
   * dev.berth.backend.Existence#exists} does.
   */
  Optional<ByteSize> present(Volume volume);

  /**
   * Makes the thing, and its device if it is attached here, as large as the volume's options say.
   * Never smaller. Absent: an error. Whether it will become larger is not known, or only the device
   * has not followed: {@link dev.berth.volume.VolumeException.UnknownOutcome} or {@link
   * dev.berth.volume.VolumeException.Busy}; any other failure means that it keeps its size.
   */
  void grow(Volume volume);

  /** See {@link dev.berth.backend.Retaining#giveUp}. */
  default void giveUp(Volume volume) {}

  /**
   * What whoever attaches the device says of it, as a sentence for people, when a mounted volume's
   * device is gone from this host; empty if nobody else knows more. May block some seconds; never
   * fails.
   */
  default Optional<String> whereabouts(Volume volume) {
    return Optional.empty();
  }

  /**
   * Frees what devices of volumes that are gone hold on this host, unless something uses them.
   * None: nothing to do. Milliseconds, and some seconds for each that there is.
   */
  default void freeOrphans() {}

  /**
   * Whether what the volume's filesystem does not use any more is to be discarded: its bytes are in
   * a file of this host, which takes less space then. Constant, never blocks.
   */
  default boolean discards(Volume volume) {
    return false;
  }

  /**
   * What the place where the store keeps its bytes on this host lacks, as a sentence for people:
   * the cause behind many an error of the tools that work on its devices. Milliseconds.
   */
  default Optional<String> shortage() {
    return Optional.empty();
  }

  /**
   * The copies a store keeps of its volumes; the backend freezes a mounted volume around {@link
   * #take}.
   */
  interface BlockSnapshots {
    /**
     * Copies the volume's bytes as they are; failed: nothing is left. May block a minute.
     *
     * @param type empty if it is not known yet
     */
    Snapshot take(Volume volume, Optional<FilesystemType> type);

    /**
     * As {@link #take}, under an id, or with a mark, that derives from the volume's own: taken
     * already: returned. Nothing that was taken by {@link #take} ever passes for it.
     */
    Snapshot takeLast(Volume volume, Optional<FilesystemType> type);

    /** All that Berth took, the oldest first. */
    List<Snapshot> list();

    /** One, whoever took it. */
    Optional<Snapshot> find(String id);

    /** Deletes one. Absent: success. */
    void remove(String id);

    /**
     * Deletes what a process that died left of snapshots it had begun to take or to delete; those
     * that are being taken now stay. Nothing to do where a snapshot comes and goes as a whole.
     */
    default void discardUnfinished() {}
  }
}
