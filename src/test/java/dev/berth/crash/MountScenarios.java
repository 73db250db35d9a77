package dev.berth.crash;

import static dev.berth.backend.block.BlockStep.COPY_ADOPTED;
import static dev.berth.backend.block.BlockStep.DETACHED;
import static dev.berth.backend.block.BlockStep.FILESYSTEM_CHECKED;
import static dev.berth.backend.block.BlockStep.FILESYSTEM_GROWN;
import static dev.berth.backend.block.BlockStep.FILESYSTEM_MADE;
import static dev.berth.backend.block.BlockStep.FILESYSTEM_MOUNTED;
import static dev.berth.backend.block.BlockStep.FORMATTED_RECORDED;
import static dev.berth.backend.block.BlockStep.FORMATTING_RECORDED;
import static dev.berth.backend.block.BlockStep.GROWN_SIZE_RECORDED;
import static dev.berth.backend.block.BlockStep.UNFINISHED_ERASED;
import static dev.berth.lifecycle.LifecycleStep.MOUNT_CONFIRMED;
import static dev.berth.lifecycle.LifecycleStep.RELEASE_CLAIM_DROPPED;
import static dev.berth.lifecycle.LifecycleStep.RELEASE_UNMOUNTED;

import dev.berth.volume.Step;
import java.util.List;
import java.util.stream.Stream;

/** Mount: the first, with all that makes a filesystem, and later ones. */
final class MountScenarios {
  static final String[] XFS = {"fsType=xfs", "size=300MiB"};
  static final String[] BTRFS = {"fsType=btrfs", "size=256MiB"};

  private static final Step[] MAKING = {
    FORMATTING_RECORDED, FILESYSTEM_MADE, FORMATTED_RECORDED, FILESYSTEM_MOUNTED
  };
  private static final Step[] MAKING_AGAIN = {
    UNFINISHED_ERASED, FILESYSTEM_MADE, FORMATTED_RECORDED
  };

  private MountScenarios() {}

  static List<Scenario> all() {
    return Stream.of(first(), later(), copies()).flatMap(List::stream).toList();
  }

  private static List<Scenario> first() {
    return List.of(
        mount("first mount").prepared(Subject::create).againAt(RELEASE_CLAIM_DROPPED),
        mount("first mount with xfs")
            .needs("xfs")
            .prepared(volume -> volume.create(XFS))
            .onlyAt(MAKING),
        mount("first mount with btrfs")
            .needs("btrfs")
            .prepared(volume -> volume.create(BTRFS))
            .onlyAt(MAKING),
        mount("mount after mkfs failed")
            .prepared(
                volume -> {
                  volume.create();
                  volume.mountHalfFormatted("mkfs.ext4");
                })
            .onlyAt(MAKING_AGAIN),
        mount("mount after mkfs failed, with btrfs")
            .needs("btrfs")
            .prepared(
                volume -> {
                  volume.create(BTRFS);
                  volume.mountHalfFormatted("mkfs.btrfs");
                })
            .onlyAt(MAKING_AGAIN));
  }

  private static List<Scenario> later() {
    return List.of(
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
            .leaves(Expected::isFree),
        mount("mount of a volume that grew")
            .prepared(
                volume -> {
                  volume.createWithData();
                  volume.grow("64MiB");
                  volume.expected().isLargerThan(40 << 20);
                })
            .againAt(RELEASE_UNMOUNTED),
        mount("mount of a volume that grew, with xfs")
            .needs("xfs")
            .prepared(
                volume -> {
                  volume.createWithData(XFS);
                  volume.grow("512MiB");
                  volume.expected().isLargerThan(300 << 20);
                })
            .onlyAt(FILESYSTEM_GROWN, GROWN_SIZE_RECORDED));
  }

  private static List<Scenario> copies() {
    return List.of(
        mount("first mount of a larger clone")
            .prepared(
                volume -> {
                  volume.source().createWithData();
                  volume.cloneSource("size=64MiB");
                  volume.expected().isLargerThan(40 << 20);
                }),
        mount("first mount of a clone, with btrfs")
            .needs("btrfs")
            .prepared(
                volume -> {
                  volume.source().createInUse(BTRFS);
                  volume.cloneSource("size=256MiB");
                })
            .onlyAt(FILESYSTEM_CHECKED, COPY_ADOPTED, FILESYSTEM_MOUNTED));
  }

  /** Of a Mount that was not answered, no Unmount comes: it must not stay. */
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
}
