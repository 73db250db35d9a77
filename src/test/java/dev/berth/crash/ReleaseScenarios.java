package dev.berth.crash;

import static dev.berth.backend.block.BlockStep.DETACHED;
import static dev.berth.backend.block.BlockStep.FILESYSTEM_UNMOUNTED;
import static dev.berth.backend.block.BlockStep.MOUNT_DIRECTORY_REMOVED;
import static dev.berth.lifecycle.LifecycleStep.RECOVERY_CLAIM_EMPTIED;
import static dev.berth.lifecycle.LifecycleStep.RELEASE_CLAIM_DROPPED;
import static dev.berth.lifecycle.LifecycleStep.RELEASE_OWNER_DROPPED;
import static dev.berth.lifecycle.LifecycleStep.RELEASE_UNMOUNTED;

import java.util.List;

/** Unmount and release: at once, after the linger, by the sweeper, by an operator. */
final class ReleaseScenarios {
  private ReleaseScenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario("unmount")
            .prepared(Subject::createInUse)
            .operation(volume -> volume.unmount("x"))
            .againAt(RELEASE_OWNER_DROPPED)
            .leaves(Expected::isFree),
        new Scenario("unmount with a linger")
            .with("BERTH_LINGER", "100ms")
            .prepared(Subject::createInUse)
            .operation(volume -> volume.unmount("x"))
            .lastsUntil(RELEASE_OWNER_DROPPED)
            .leaves(Expected::isFree),
        new Scenario("sweep after an engine that died")
            .prepared(Subject::createWithData)
            .operation(
                volume -> {
                  volume.mount("lost");
                  volume.engineComes();
                })
            .lastsUntil(RELEASE_OWNER_DROPPED)
            .onlyAt(
                FILESYSTEM_UNMOUNTED,
                DETACHED,
                MOUNT_DIRECTORY_REMOVED,
                RELEASE_UNMOUNTED,
                RELEASE_CLAIM_DROPPED,
                RELEASE_OWNER_DROPPED)
            .leaves(Expected::isFree),
        new Scenario("release by force")
            .prepared(Subject::createInUse)
            .operation(Subject::releaseByForce)
            .leaves(Expected::isFree),
        new Scenario("release by force from a host that is gone")
            .prepared(
                volume -> {
                  volume.createWithData();
                  volume.ledger().giveTo("gone", volume.name());
                })
            .operation(Subject::releaseByForce)
            .leaves(Expected::isFree)
            .afterwards(Subject::releaseByForce),
        new Scenario("mounts that went while Berth was down")
            .prepared(Subject::createInUse)
            .meanwhile(Subject::loseMount)
            .againAt(RECOVERY_CLAIM_EMPTIED)
            .leaves(Expected::isFree));
  }
}
