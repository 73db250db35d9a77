package dev.berth.crash;

import static dev.berth.backend.block.BlockStep.COPY_ADOPTED;
import static dev.berth.backend.block.BlockStep.DETACHED;
import static dev.berth.backend.block.BlockStep.DEVICE_GROWN;
import static dev.berth.backend.block.BlockStep.FILESYSTEM_CHECKED;
import static dev.berth.backend.block.BlockStep.FILESYSTEM_GROWN;
import static dev.berth.backend.block.BlockStep.FILESYSTEM_MADE;
import static dev.berth.backend.block.BlockStep.FILESYSTEM_MOUNTED;
import static dev.berth.backend.block.BlockStep.FORMATTED_RECORDED;
import static dev.berth.backend.block.BlockStep.FORMATTING_RECORDED;
import static dev.berth.backend.block.BlockStep.GROWN_SIZE_RECORDED;
import static dev.berth.backend.block.BlockStep.THAWED;
import static dev.berth.backend.block.BlockStep.UNFINISHED_ERASED;
import static dev.berth.lifecycle.LifecycleStep.CREATE_PROVISIONED;
import static dev.berth.lifecycle.LifecycleStep.CREATE_WITHDRAWN;
import static dev.berth.lifecycle.LifecycleStep.GROW_INTENT_WRITTEN;
import static dev.berth.lifecycle.LifecycleStep.GROW_TAKEN_BACK;
import static dev.berth.lifecycle.LifecycleStep.MOUNT_CONFIRMED;
import static dev.berth.lifecycle.LifecycleStep.RECOVERY_CLAIM_EMPTIED;
import static dev.berth.lifecycle.LifecycleStep.RELEASE_CLAIM_DROPPED;
import static dev.berth.lifecycle.LifecycleStep.RELEASE_OWNER_DROPPED;
import static dev.berth.lifecycle.LifecycleStep.RELEASE_UNMOUNTED;
import static dev.berth.lifecycle.LifecycleStep.REMOVE_DEPROVISIONED;
import static dev.berth.lifecycle.LifecycleStep.REMOVE_TAKEN_BACK;

import dev.berth.backend.block.BlockStep;
import dev.berth.backend.loop.LoopStep;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Every operation there is, in every form in which it takes other steps. */
final class Scenarios {
  /** A volume just mounted is not removed: its container may not have begun to use it. */
  private static final Duration NO_LONGER_FRESH = Duration.ofMillis(2_200);

  private static final String[] XFS = {"fsType=xfs", "size=300MiB"};
  private static final String[] BTRFS = {"fsType=btrfs", "size=256MiB"};

  private Scenarios() {}

  static List<Scenario> all() {
    return Stream.of(creating(), mounting(), releasing(), removing(), growing(), copying())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Scenario> creating() {
    return List.of(
        new Scenario("create")
            .operation(Subject::create)
            .againAt(CREATE_PROVISIONED)
            .leaves(Subject::isThere),
        new Scenario("create with all of its space")
            .operation(volume -> volume.create("preallocate=true"))
            .leaves(Subject::isThere),
        new Scenario("create that fails")
            .prepared(
                volume -> {
                  volume.source().createWithData();
                  volume.failsIn("cp");
                })
            .operation(volume -> volume.create("sourceVolume=" + volume.source().name()))
            .meanwhile(Subject::failsNoMore)
            .leaves(
                volume -> {
                  if (volume.cameTo(CREATE_WITHDRAWN)) {
                    volume.isGone();
                  } else {
                    volume.isCopy();
                  }
                }),
        new Scenario("restore of a snapshot")
            .prepared(
                volume -> {
                  volume.source().createWithData();
                  volume.source().takeSnapshot();
                })
            .operation(
                volume -> volume.create("snapshotId=" + volume.source().snapshotIds().getFirst()))
            .againAt(LoopStep.COPY_WRITTEN)
            .leaves(Subject::isCopy),
        new Scenario("clone of a volume in use")
            .prepared(volume -> volume.source().createInUse())
            .operation(volume -> volume.create("sourceVolume=" + volume.source().name()))
            .againAt(BlockStep.COPIED)
            .leaves(Subject::isCopy),
        new Scenario("clone of an idle volume")
            .prepared(volume -> volume.source().createWithData())
            .operation(volume -> volume.create("sourceVolume=" + volume.source().name()))
            .leaves(Subject::isCopy));
  }

  private static List<Scenario> mounting() {
    return List.of(
        mount("first mount").prepared(Subject::create).againAt(RELEASE_CLAIM_DROPPED),
        mount("first mount with xfs")
            .needs("xfs")
            .prepared(volume -> volume.create(XFS))
            .onlyAt(FORMATTING_RECORDED, FILESYSTEM_MADE, FORMATTED_RECORDED, FILESYSTEM_MOUNTED),
        mount("first mount with btrfs")
            .needs("btrfs")
            .prepared(volume -> volume.create(BTRFS))
            .onlyAt(FORMATTING_RECORDED, FILESYSTEM_MADE, FORMATTED_RECORDED, FILESYSTEM_MOUNTED),
        mount("mount after mkfs failed")
            .prepared(
                volume -> {
                  volume.create();
                  volume.mountHalfFormatted("mkfs.ext4");
                })
            .onlyAt(UNFINISHED_ERASED, FILESYSTEM_MADE, FORMATTED_RECORDED),
        mount("mount after mkfs failed, with btrfs")
            .needs("btrfs")
            .prepared(
                volume -> {
                  volume.create(BTRFS);
                  volume.mountHalfFormatted("mkfs.btrfs");
                })
            .onlyAt(UNFINISHED_ERASED, FILESYSTEM_MADE, FORMATTED_RECORDED),
        mount("mount of a volume with data").prepared(Subject::createWithData).againAt(DETACHED),
        new Scenario("mount of a mounted volume")
            .prepared(Subject::createInUse)
            .operation(volume -> volume.mount("y"))
            .leaves(volume -> volume.isHeldFor("y")),
        new Scenario("mount that fails")
            .prepared(
                volume -> {
                  volume.createInUse();
                  volume.loseMount();
                  volume.failsIn("mount");
                })
            .operation(volume -> volume.mount("x"))
            .meanwhile(Subject::failsNoMore)
            .leaves(Subject::isFree),
        mount("mount of a volume that grew")
            .prepared(
                volume -> {
                  volume.createWithData();
                  volume.grow("64MiB");
                  volume.isLargerThan(40 << 20);
                })
            .againAt(RELEASE_UNMOUNTED),
        mount("mount of a volume that grew, with xfs")
            .needs("xfs")
            .prepared(
                volume -> {
                  volume.createWithData(XFS);
                  volume.grow("512MiB");
                  volume.isLargerThan(300 << 20);
                })
            .onlyAt(FILESYSTEM_GROWN, GROWN_SIZE_RECORDED),
        mount("first mount of a larger clone")
            .prepared(
                volume -> {
                  volume.source().createWithData();
                  volume.create("sourceVolume=" + volume.source().name(), "size=64MiB");
                  volume.isCopy();
                  volume.isLargerThan(40 << 20);
                }),
        mount("first mount of a clone, with btrfs")
            .needs("btrfs")
            .prepared(
                volume -> {
                  volume.source().createInUse(BTRFS);
                  volume.create("sourceVolume=" + volume.source().name(), "size=256MiB");
                  volume.isCopy();
                })
            .onlyAt(FILESYSTEM_CHECKED, COPY_ADOPTED, FILESYSTEM_MOUNTED));
  }

  /** Of a Mount that was not answered, no Unmount comes. */
  private static Scenario mount(String name) {
    return new Scenario(name)
        .operation(volume -> volume.mount("x"))
        .leaves(
            volume -> {
              if (volume.cameTo(MOUNT_CONFIRMED)) {
                volume.isHeldFor("x");
              }
            });
  }

  private static List<Scenario> releasing() {
    return List.of(
        new Scenario("unmount")
            .prepared(Subject::createInUse)
            .operation(volume -> volume.unmount("x"))
            .againAt(RELEASE_OWNER_DROPPED)
            .leaves(Subject::isFree),
        new Scenario("unmount with a linger")
            .with("BERTH_LINGER", "100ms")
            .prepared(Subject::createInUse)
            .operation(volume -> volume.unmount("x"))
            .lastsUntil(RELEASE_OWNER_DROPPED)
            .leaves(Subject::isFree),
        new Scenario("sweep after an engine that died")
            .prepared(Subject::createWithData)
            .operation(
                volume -> {
                  volume.mount("lost");
                  volume.engineComes();
                })
            .lastsUntil(RELEASE_OWNER_DROPPED)
            .onlyAt(
                BlockStep.FILESYSTEM_UNMOUNTED,
                DETACHED,
                BlockStep.MOUNT_DIRECTORY_REMOVED,
                RELEASE_UNMOUNTED,
                RELEASE_CLAIM_DROPPED,
                RELEASE_OWNER_DROPPED)
            .leaves(Subject::isFree),
        new Scenario("release by force")
            .prepared(Subject::createInUse)
            .operation(volume -> volume.release(true))
            .leaves(Subject::isFree),
        new Scenario("release by force from a host that is gone")
            .prepared(
                volume -> {
                  volume.createWithData();
                  volume.ledger().giveTo("gone", volume.name());
                })
            .operation(volume -> volume.release(true))
            .leaves(Subject::isFree)
            .afterwards(volume -> volume.release(true)),
        new Scenario("mounts that went while Berth was down")
            .prepared(Subject::createInUse)
            .meanwhile(Subject::loseMount)
            .againAt(RECOVERY_CLAIM_EMPTIED)
            .leaves(Subject::isFree));
  }

  private static List<Scenario> removing() {
    return List.of(
        remove("remove").prepared(Subject::createWithData).againAt(REMOVE_DEPROVISIONED),
        remove("remove of a volume never mounted").prepared(Subject::create),
        remove("remove with retain")
            .prepared(volume -> volume.createWithData("onRemove=retain"))
            .leaves(Subject::isRetained),
        remove("remove with snapshot")
            .prepared(volume -> volume.createWithData("onRemove=snapshot"))
            .againAt(LoopStep.SNAPSHOT_LISTED)
            .leaves(
                volume -> {
                  volume.isGone();
                  volume.hasSnapshots(1);
                }),
        remove("remove of a mounted volume that nobody uses")
            .prepared(Subject::createInUse)
            .rested(NO_LONGER_FRESH),
        remove("remove of a volume with an open file")
            .prepared(
                volume -> {
                  volume.createInUse();
                  volume.open("first");
                  volume.unmount("x");
                })
            .againAt(REMOVE_TAKEN_BACK)
            .leaves(Subject::isThere)
            .afterwards(Subject::awaitReady));
  }

  private static Scenario remove(String name) {
    return new Scenario(name).operation(Subject::remove).leaves(Subject::isGone);
  }

  private static List<Scenario> growing() {
    return List.of(
        grow("grow", "64MiB").prepared(Subject::createWithData),
        grow("grow of a volume never mounted", "64MiB").prepared(Subject::create),
        new Scenario("grow that fails")
            .prepared(volume -> volume.createWithData("preallocate=true"))
            .operation(volume -> volume.grow("4TiB"))
            .onlyAt(GROW_INTENT_WRITTEN, GROW_TAKEN_BACK)
            .leaves(Subject::isThere),
        grow("grow of a volume in use", "64MiB")
            .prepared(Subject::createInUse)
            .onlyAt(LoopStep.FILE_GROWN, DEVICE_GROWN)
            .afterwards(volume -> volume.unmount("x")),
        grow("grow of a volume in use, with xfs", "512MiB")
            .needs("xfs")
            .prepared(volume -> volume.createInUse(XFS))
            .againAt(GROWN_SIZE_RECORDED),
        grow("grow of a volume in use, with btrfs", "512MiB")
            .needs("btrfs")
            .prepared(volume -> volume.createInUse(BTRFS))
            .onlyAt(DEVICE_GROWN, FILESYSTEM_GROWN, GROWN_SIZE_RECORDED));
  }

  /** The size is recorded first, so whatever comes in between, the volume has it in the end. */
  private static Scenario grow(String name, String size) {
    long least = size.equals("64MiB") ? 40 << 20 : 300 << 20;
    return new Scenario(name)
        .operation(volume -> volume.grow(size))
        .leaves(volume -> volume.isLargerThan(least));
  }

  private static List<Scenario> copying() {
    return List.of(
        snapshot("snapshot of a volume in use").prepared(Subject::createInUse).againAt(THAWED),
        snapshot("snapshot of an idle volume")
            .prepared(Subject::createWithData)
            .againAt(LoopStep.SNAPSHOT_UNLISTED),
        new Scenario("snapshot deleted")
            .prepared(
                volume -> {
                  volume.createWithData();
                  volume.takeSnapshot();
                })
            .operation(Subject::deleteSnapshot)
            .againAt(LoopStep.SNAPSHOT_DELETED)
            .leaves(volume -> volume.hasSnapshots(0)));
  }

  private static Scenario snapshot(String name) {
    return new Scenario(name)
        .operation(Subject::takeSnapshot)
        .leaves(volume -> volume.hasSnapshots(volume.cameTo(LoopStep.SNAPSHOT_LISTED) ? 1 : 0));
  }
}
