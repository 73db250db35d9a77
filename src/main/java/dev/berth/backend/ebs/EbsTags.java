package dev.berth.backend.ebs;

import dev.berth.backend.ebs.ec2.CloudSnapshot;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Volume;
import java.util.Arrays;
import java.util.List;
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

  /** By which the EBS driver for Kubernetes knows what is its own, and its older ones did. */
  private static final List<String> OF_KUBERNETES =
      List.of(
          "kubernetes.io/created-for/",
          "kubernetes.io/cluster/",
          "ebs.csi.aws.com/",
          "CSIVolumeName",
          "KubernetesCluster");

  /** That a volume is somebody's, for people. */
  record Owner(String key, String value, String owner) {}

  private EbsTags() {}

  /** Whose a volume with these tags is; empty if they do not say. */
  static Optional<Owner> owner(SortedMap<String, String> tags) {
    return tags.entrySet().stream()
        .flatMap(tag -> owner(tag.getKey(), tag.getValue()).stream())
        .findFirst();
  }

  private static Optional<Owner> owner(String key, String value) {
    if (key.equals(VOLUME_ID)) {
      return Optional.of(new Owner(key, value, "a volume of Berth, on this host or another"));
    }
    return OF_KUBERNETES.stream().anyMatch(key::startsWith)
        ? Optional.of(new Owner(key, value, "a Kubernetes cluster"))
        : Optional.empty();
  }

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
