package dev.berth.crash;

import static dev.berth.backend.block.BlockStep.THAWED;
import static dev.berth.backend.loop.LoopStep.SNAPSHOT_DELETED;
import static dev.berth.backend.loop.LoopStep.SNAPSHOT_LISTED;
import static dev.berth.backend.loop.LoopStep.SNAPSHOT_UNLISTED;

import java.util.List;

/** Snapshots: there is a whole one or none, and a frozen filesystem is thawed. */
final class SnapshotScenarios {
  private SnapshotScenarios() {}

  static List<Scenario> all() {
    return List.of(
        snapshot("snapshot of a volume in use").prepared(Subject::createInUse).againAt(THAWED),
        snapshot("snapshot of an idle volume")
            .prepared(Subject::createWithData)
            .againAt(SNAPSHOT_UNLISTED),
        new Scenario("snapshot deleted")
            .prepared(
                volume -> {
                  volume.createWithData();
                  volume.takeSnapshot();
                })
            .operation(Subject::deleteSnapshot)
            .againAt(SNAPSHOT_DELETED)
            .leaves(volume -> volume.hasSnapshots(0)));
  }

  private static Scenario snapshot(String name) {
    return new Scenario(name)
        .operation(Subject::takeSnapshot)
        .leaves(volume -> volume.hasSnapshots(volume.cameTo(SNAPSHOT_LISTED) ? 1 : 0));
  }
}
