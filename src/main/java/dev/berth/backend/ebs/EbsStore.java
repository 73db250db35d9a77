package dev.berth.backend.ebs;

import dev.berth.backend.block.BlockSource;
import dev.berth.backend.block.BlockStore;
import dev.berth.backend.ebs.ec2.CloudException;
import dev.berth.backend.ebs.ec2.CloudVolume;
import dev.berth.backend.ebs.ec2.CloudVolume.Attachment;
import dev.berth.backend.ebs.ec2.Deadline;
import dev.berth.backend.ebs.ec2.Poll;
import dev.berth.host.BlockDevice;
import dev.berth.volume.BackendName;
import dev.berth.volume.BackendRef;
import dev.berth.volume.ByteSize;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.time.Duration;
import java.util.Optional;

/** EBS volumes; their reference is the id that EC2 gives them. */
final class EbsStore implements BlockStore {
  static final BackendName NAME = new BackendName("ebs");

  /** An error that is about to be told waits no longer for what EC2 says. */
  private static final Duration TO_TELL = Duration.ofSeconds(10);

  private final EbsContext cloud;
  private final VolumeMaker maker;
  private final VolumeRemover remover;
  private final Attacher attacher;
  private final Detacher detacher;
  private final VolumeGrower grower;

  EbsStore(EbsContext cloud) {
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
          .volume(id, cloud.shortDeadline())
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
   * What an instance has that runs, that instance may be using. What one has that is gone is taken
   * from it, as at a mount: see {@link AttachmentOwner}. Once the volume is Berth's, it may be
   * attached by Berth.
   */
  private String adopted(Volume volume, String id) {
    Deadline deadline = cloud.shortDeadline();
    if (!(volume.state() instanceof VolumeState.Creating)) {
      return existing(id).id();
    }
    AttachmentOwner holders = new AttachmentOwner(cloud, volume, id, deadline);
    Poll.<Attachment>until(
        deadline,
        cloud.timings().backoff(),
        () -> {
          Optional<Attachment> held = existing(id).held();
          if (held.filter(now -> !cloud.isBeingDetached(id, now))
              .filter(now -> !holders.takeIfGone(now))
              .isPresent()) {
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
  public Optional<String> whereabouts(Volume volume) {
    String id = volume.made().ref().value();
    try {
      return Optional.of(
          "EC2 says that "
              + standing(id, cloud.view().volume(id, cloud.shortDeadline().orIn(TO_TELL))));
    } catch (CloudException | VolumeException e) {
      return Optional.of("EC2 could not be asked about %s: %s".formatted(id, e.getMessage()));
    }
  }

  private String standing(String id, Optional<CloudVolume> found) {
    if (found.filter(now -> !now.going()).isEmpty()) {
      return "there is no volume %s any more; restore a snapshot of it".formatted(id);
    }
    Optional<Attachment> held = found.get().held();
    if (held.isEmpty()) {
      return "%s is %s, so that it was detached from instance %s by somebody else; it is attached again at its next mount"
          .formatted(id, found.get().state(), cloud.here());
    }
    boolean here = held.get().instance().equals(cloud.here());
    return "%s is %s to instance %s as %s%s"
        .formatted(
            id,
            held.get().state(),
            held.get().instance(),
            held.get().device(),
            here
                ? ", which is this one; it is detached and attached again at its next mount"
                : ", so that it was taken from this instance, %s".formatted(cloud.here()));
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
  public Optional<ByteSize> present(Volume volume) {
    String id = volume.made().ref().value();
    try {
      return cloud
          .view()
          .volume(id, cloud.shortDeadline())
          .filter(now -> !now.going())
          .map(now -> ByteSize.ofGiB(now.sizeGiB()));
    } catch (CloudException e) {
      throw EbsErrors.failed("cannot look at %s of volume %s".formatted(id, volume.name()), e);
    }
  }

  @Override
  public void giveUp(Volume volume) {
    remover.giveUp(volume);
  }

  /** On EBS itself it would free nothing: a volume costs what it was made with. */
  @Override
  public boolean discards(Volume volume) {
    return cloud.emulated();
  }

  @Override
  public void grow(Volume volume) {
    grower.grow(volume);
  }
}
