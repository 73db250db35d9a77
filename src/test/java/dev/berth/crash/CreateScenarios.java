package dev.berth.crash;

import static dev.berth.backend.block.BlockStep.COPIED;
import static dev.berth.backend.loop.LoopStep.COPY_WRITTEN;
import static dev.berth.lifecycle.LifecycleStep.CREATE_PROVISIONED;
import static dev.berth.lifecycle.LifecycleStep.CREATE_WITHDRAWN;

import java.util.List;

/** Create: from nothing, from a snapshot, from another volume. What was begun is finished. */
final class CreateScenarios {
  private CreateScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario("create")
            .operation(Subject::create)
            .againAt(CREATE_PROVISIONED)
            .leaves(Expected::isThere),
        new Scenario("create that fails")
            .prepared(
                volume -> {
                  volume.source().createWithData();
                  volume.failsIn("cp");
                })
            .operation(Subject::cloneSource)
            .meanwhile(Subject::failsNoMore)
            .leaves(CreateScenarios::isCopyUnlessWithdrawn),
        new Scenario("restore of a snapshot")
            .prepared(
                volume -> {
                  volume.source().createWithData();
                  volume.source().takeSnapshot();
                })
            .operation(Subject::restoreSource)
            .againAt(COPY_WRITTEN)
            .leaves(Expected::isCopy),
        new Scenario("clone of a volume in use")
            .prepared(volume -> volume.source().createInUse())
            .operation(Subject::cloneSource)
            .againAt(COPIED)
            .leaves(Expected::isCopy),
        new Scenario("clone of an idle volume")
            .prepared(volume -> volume.source().createWithData())
            .operation(Subject::cloneSource)
            .meanwhile(Subject::halveCopy)
            .leaves(Expected::isCopy));
  }

  private static void isCopyUnlessWithdrawn(Expected volume) {
    if (volume.cameTo(CREATE_WITHDRAWN)) {
      volume.isGone();
    } else {
      volume.isCopy();
    }
  }
}
