package dev.berth.backend.block;

import static dev.berth.backend.block.BlockOptions.SNAPSHOT_ID;
import static dev.berth.backend.block.BlockOptions.SOURCE_VOLUME;
import static dev.berth.backend.block.BlockOptions.VOLUME_ID;

import dev.berth.backend.VolumeLookup;
import dev.berth.backend.block.BlockOptionRules.SourceFacts;
import dev.berth.backend.block.BlockStore.BlockSnapshots;
import dev.berth.volume.BackendName;
import dev.berth.volume.BackendRef;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Content;
import dev.berth.volume.Option;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the volumes of one backend are made of, and what that means for their options. */
final class BlockSources {
  private final BackendName backend;
  private final BlockSnapshots snapshots;

  BlockSources(BackendName backend, BlockSnapshots snapshots) {
    this.backend = backend;
    this.snapshots = snapshots;
  }

  /** The one source that the options name; more than one is {@link VolumeException.Invalid}. */
  BlockSource of(VolumeOptions options, VolumeLookup volumes) {
    if (Stream.of(SNAPSHOT_ID, SOURCE_VOLUME, VOLUME_ID).filter(isGiven(options)).count() > 1) {
      throw new VolumeException.Invalid(
          "give only one of snapshotId, sourceVolume and volumeId: a volume has one source");
    }
    return options
        .find(VOLUME_ID)
        .<BlockSource>map(BlockSource.Existing::new)
        .or(() -> options.find(SNAPSHOT_ID).map(this::snapshot).map(BlockSource.OfSnapshot::new))
        .or(() -> options.find(SOURCE_VOLUME).map(volumes::require).map(BlockSource.OfVolume::new))
        .orElseGet(BlockSource.Nothing::new);
  }

  private static Predicate<Option<?>> isGiven(VolumeOptions options) {
    return option -> options.find(option).isPresent();
  }

  /** The options of the volume {@code name} with what its source settles. */
  VolumeOptions complete(
      VolumeName name, VolumeOptions options, BlockSource source, VolumeLookup volumes) {
    return switch (source) {
      case BlockSource.Nothing nothing -> BlockOptionRules.completeNew(options);
      case BlockSource.OfSnapshot of ->
          BlockOptionRules.completeCopy(options, facts(of.snapshot()));
      case BlockSource.OfVolume of -> BlockOptionRules.completeCopy(options, facts(of.volume()));
      case BlockSource.Existing existing -> {
        refuseHeld(name, existing, volumes);
        yield BlockOptionRules.completeExisting(options);
      }
    };
  }

  private void refuseHeld(VolumeName adopter, BlockSource.Existing existing, VolumeLookup volumes) {
    volumes
        .holder(backend, new BackendRef(existing.id()))
        .filter(holder -> !holder.equals(adopter))
        .ifPresent(
            holder -> {
              throw new VolumeException.InUse(
                  "volume %s: %s is the volume %s already; one can have one name only, so use that"
                      .formatted(adopter, existing.id(), holder));
            });
  }

  /** What a volume made of {@code source} holds. */
  Content content(Volume volume, BlockSource source) {
    return switch (source) {
      case BlockSource.Nothing nothing ->
          new Content.Blank(volume.options().require(CommonOptions.SIZE));
      case BlockSource.OfSnapshot of -> copy(facts(of.snapshot()));
      case BlockSource.OfVolume of -> copy(facts(of.volume()));
      case BlockSource.Existing existing ->
          new Content.Foreign(volume.options().require(CommonOptions.SIZE));
    };
  }

  private static Content copy(SourceFacts facts) {
    return facts
        .type()
        .<Content>map(type -> new Content.Copied(type, facts.size()))
        .orElseGet(() -> new Content.Foreign(facts.size()));
  }

  /** Of a volume that can be copied; any other is {@link VolumeException.Invalid}. */
  SourceFacts facts(Volume volume) {
    if (!volume.backend().equals(backend)) {
      throw new VolumeException.Invalid(
          "volume %s is of the backend %s and cannot be the source of one of %s"
              .formatted(volume.name(), volume.backend(), backend));
    }
    ByteSize size = volume.options().require(CommonOptions.SIZE);
    return switch (volume.made().content()) {
      case Content.Formatted formatted -> new SourceFacts(Optional.of(formatted.type()), size);
      case Content.Copied copied -> new SourceFacts(Optional.of(copied.type()), size);
      case Content.Foreign foreign -> new SourceFacts(Optional.empty(), size);
      case Content.Blank blank -> throw empty(volume);
      case Content.Formatting formatting -> throw empty(volume);
      case Content.Unmanaged unmanaged -> throw empty(volume);
    };
  }

  private static SourceFacts facts(Snapshot snapshot) {
    return new SourceFacts(snapshot.type(), snapshot.size());
  }

  private static VolumeException.Invalid empty(Volume volume) {
    return new VolumeException.Invalid(
        "volume %s was never mounted and has no filesystem yet: there is nothing to copy"
            .formatted(volume.name()));
  }

  private Snapshot snapshot(String id) {
    return snapshots
        .find(id)
        .orElseThrow(
            () ->
                new VolumeException.NotFound(
                    "there is no snapshot %s of the backend %s; 'berth snapshot ls' shows those there are"
                        .formatted(id, backend)));
  }
}
