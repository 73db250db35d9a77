package dev.berth.backend.ebs;

import dev.berth.backend.block.BlockSource;
import dev.berth.backend.block.BlockStore;
import dev.berth.backend.ebs.CloudVolume.Attachment;
import dev.berth.host.BlockDevice;
import dev.berth.volume.BackendName;
import dev.berth.volume.BackendRef;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.util.Optional;

/** EBS volumes; their reference is the id that EC2 gives them. */
final class EbsStore implements BlockStore {
  static final BackendName NAME = new BackendName("ebs");

  private final Cloud cloud;
  private final VolumeMaker maker;
  private final VolumeRemover remover;
  private final Attacher attacher;
  private final Detacher detacher;
  private final VolumeGrower grower;

  EbsStore(Cloud cloud) {
    this.cloud = cloud;
    remover = new VolumeRemover(cloud);
    maker = new VolumeMaker(cloud, remover);
    attacher = new Attacher(cloud);
    detacher = new Detacher(cloud);
    grower = new VolumeGrower(cloud);
  }

  @Override
  public Traits traits() {
    return new Traits(NAME, EbsOptions.ALL);
  }

  @Override
  public VolumeOptions prepare(VolumeOptions options, BlockSource source) {
    return switch (source) {
      case BlockSource.Existing existing ->
          EbsOptionRules.completeExisting(options, existing(existing.id()), cloud.deleteAdopted());
      case BlockSource.OfVolume of -> EbsOptionRules.completeClone(options, of.volume());
      case BlockSource.OfSnapshot _, BlockSource.Nothing _ ->
          EbsOptionRules.completeNew(options, () -> cloud.instance().identity().zone());
    };
  }

  private CloudVolume existing(String id) {
    try {
      return cloud
          .view()
          .volume(id, Deadline.in(cloud.timings().shortLimit()))
          .orElseThrow(
              () ->
                  new VolumeException.Invalid(
                      "EC2 has no volume %s in the region %s"
                          .formatted(id, cloud.instance().identity().region())));
    } catch (CloudException e) {
      throw EbsErrors.failed("cannot look at " + id, e);
    }
  }

  @Override
  public BackendRef provision(Volume volume, BlockSource source) {
    return new BackendRef(
        source instanceof BlockSource.Existing existing
            ? adopted(volume, existing.id())
            : maker.make(volume, source));
  }

  /**
   * Whatever an instance has, that instance may be using. Once the volume is Berth's, it may be
   * attached by Berth.
   */
  private String adopted(Volume volume, String id) {
    Deadline deadline = Deadline.in(cloud.timings().shortLimit());
    if (!(volume.state() instanceof VolumeState.Creating)) {
      return existing(id).id();
    }
    Wait.<Attachment>whilePending(
        deadline,
        cloud.timings().pace(),
        () -> {
          Optional<Attachment> held = existing(id).held();
          if (held.filter(now -> !cloud.isBeingDetached(id, now)).isPresent()) {
            throw held(volume, id, held);
          }
          return held;
        },
        last -> held(volume, id, last));
    return id;
  }

  private static VolumeException.InUse held(
      Volume volume, String id, Optional<Attachment> attachment) {
    return new VolumeException.InUse(
        "volume %s: %s is %s, which may be using it. Unmount it there and detach it first ('aws ec2 detach-volume --volume-id %s'), then create the volume again"
            .formatted(
                volume.name(),
                id,
                attachment
                    .map(
                        now ->
                            "%s to instance %s as %s"
                                .formatted(now.state(), now.instance(), now.device()))
                    .orElse("attached to an instance"),
                id));
  }

  @Override
  public BlockDevice attach(Volume volume) {
    return attacher.attach(volume);
  }

  @Override
  public Optional<BlockDevice> attached(Volume volume) {
    if (volume.state() instanceof VolumeState.Creating) {
      return Optional.empty();
    }
    String id = volume.made().ref().value();
    return cloud.devices().find(id, cloud.memory().device(id));
  }

  @Override
  public void detach(Volume volume) {
    if (!(volume.state() instanceof VolumeState.Creating)) {
      detacher.detach(volume);
    }
  }

  @Override
  public void delete(Volume volume) {
    remover.remove(volume);
  }

  @Override
  public void giveUp(Volume volume) {
    remover.giveUp(volume);
  }

  @Override
  public void grow(Volume volume) {
    grower.grow(volume);
  }
}
