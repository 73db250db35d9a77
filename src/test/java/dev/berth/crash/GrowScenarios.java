package dev.berth.crash;

import static dev.berth.backend.block.BlockStep.DEVICE_GROWN;
import static dev.berth.backend.block.BlockStep.FILESYSTEM_GROWN;
import static dev.berth.backend.block.BlockStep.GROWN_SIZE_RECORDED;
import static dev.berth.backend.loop.LoopStep.FILE_GROWN;

import java.util.List;

/** Grow: the size is recorded first, so whatever comes in between, the volume has it in the end. */
final class GrowScenarios {
  private GrowScenarios() {}

  static List<Scenario> all() {
    return List.of(
        grow("grow").prepared(Subject::createWithData),
        grow("grow of a volume never mounted").prepared(Subject::create),
        grow("grow of a volume in use")
            .prepared(Subject::createInUse)
            .onlyAt(FILE_GROWN, DEVICE_GROWN)
            .afterwards(volume -> volume.unmount("x")),
        growLarge("grow of a volume in use, with xfs")
            .needs("xfs")
            .prepared(volume -> volume.createInUse(MountScenarios.XFS))
            .againAt(GROWN_SIZE_RECORDED),
        growLarge("grow of a volume in use, with btrfs")
            .needs("btrfs")
            .prepared(volume -> volume.createInUse(MountScenarios.BTRFS))
            .onlyAt(DEVICE_GROWN, FILESYSTEM_GROWN, GROWN_SIZE_RECORDED));
  }

  private static Scenario grow(String name) {
    return new Scenario(name)
        .operation(volume -> volume.grow("64MiB"))
        .leaves(volume -> volume.isLargerThan(40 << 20));
  }

  private static Scenario growLarge(String name) {
    return new Scenario(name)
        .operation(volume -> volume.grow("512MiB"))
        .leaves(volume -> volume.isLargerThan(300 << 20));
  }
}
