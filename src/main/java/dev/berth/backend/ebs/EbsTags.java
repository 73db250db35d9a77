package dev.berth.backend.ebs;

import dev.berth.volume.FilesystemType;
import dev.berth.volume.Volume;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The tags by which Berth knows what it made. They are part of the call that makes it. */
final class EbsTags {
  static final String PREFIX = "berth:";

  /** The name of the volume. */
  static final String VOLUME = PREFIX + "volume";

  /** Its {@link dev.berth.volume.VolumeId}, by which it is found again. */
  static final String VOLUME_ID = PREFIX + "volume-id";

  /** Of a snapshot: what filesystem is on it. */
  static final String FILESYSTEM = PREFIX + "filesystem";

  /** Of a snapshot: which taking of a snapshot it comes from; see {@link #lastTaking}. */
  static final String TAKING = PREFIX + "taking";

  private static final String NAME = "Name";

  private EbsTags() {}

  static SortedMap<String, String> ofVolume(Volume volume) {
    SortedMap<String, String> tags = new TreeMap<>();
    tags.put(NAME, volume.name().value());
    tags.putAll(volume.options().family(EbsOptions.TAGS));
    tags.put(VOLUME, volume.name().value());
    tags.put(VOLUME_ID, volume.id().value());
    return tags;
  }

  static SortedMap<String, String> ofSnapshot(
      Volume volume, Optional<FilesystemType> type, String taking) {
    SortedMap<String, String> tags = ofVolume(volume);
    type.ifPresent(known -> tags.put(FILESYSTEM, known.kernelName()));
    tags.put(TAKING, taking);
    return tags;
  }

  /** The one taking of a removal's last snapshot. No other taking has a name that begins so. */
  static String lastTaking(Volume volume) {
    return "last-" + volume.removal();
  }

  static Optional<FilesystemType> filesystem(CloudSnapshot snapshot) {
    return Arrays.stream(FilesystemType.values())
        .filter(type -> type.kernelName().equals(snapshot.tags().get(FILESYSTEM)))
        .findFirst();
  }
}
