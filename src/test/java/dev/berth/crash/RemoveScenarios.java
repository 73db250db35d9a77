package dev.berth.crash;

import static dev.berth.backend.loop.LoopStep.SNAPSHOT_LISTED;
import static dev.berth.lifecycle.LifecycleStep.REMOVE_DEPROVISIONED;
import static dev.berth.lifecycle.LifecycleStep.REMOVE_TAKEN_BACK;

import java.time.Duration;
import java.util.List;

/** Remove: what was begun is carried on, and what the options say is kept. */
final class RemoveScenarios {
  /** A volume just mounted is not removed: its container may not have begun to use it. */
  private static final Duration NO_LONGER_FRESH = Duration.ofMillis(2_200);

  private RemoveScenarios() {}

  static List<Scenario> all() {
    return List.of(
        remove("remove").prepared(Subject::createWithData).againAt(REMOVE_DEPROVISIONED),
        remove("remove of a volume never mounted").prepared(Subject::create),
        remove("remove with retain")
            .prepared(volume -> volume.createWithData("onRemove=retain"))
            .leaves(Expected::isRetained),
        remove("remove with snapshot")
            .prepared(volume -> volume.createWithData("onRemove=snapshot"))
            .againAt(SNAPSHOT_LISTED)
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
            .leaves(Expected::isThere)
            .afterwards(Subject::awaitReady));
  }

  private static Scenario remove(String name) {
    return new Scenario(name).operation(Subject::remove).leaves(Expected::isGone);
  }
}
