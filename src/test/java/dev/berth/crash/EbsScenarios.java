package dev.berth.crash;

import static dev.berth.backend.ebs.EbsStep.ATTACH_REQUESTED;
import static dev.berth.backend.ebs.EbsStep.CLOUD_SNAPSHOT_DELETED;
import static dev.berth.backend.ebs.EbsStep.DETACH_REQUESTED;
import static dev.berth.backend.ebs.EbsStep.DEVICE_APPEARED;
import static dev.berth.backend.ebs.EbsStep.DEVICE_GONE;
import static dev.berth.backend.ebs.EbsStep.DEVICE_RELEASED;
import static dev.berth.backend.ebs.EbsStep.IMAGE_COPIED;
import static dev.berth.backend.ebs.EbsStep.MODIFICATION_REQUESTED;
import static dev.berth.backend.ebs.EbsStep.SNAPSHOT_REQUESTED;
import static dev.berth.backend.ebs.EbsStep.STUCK_ATTACHMENT_UNDONE;
import static dev.berth.backend.ebs.EbsStep.TAKEN_OVER;
import static dev.berth.backend.ebs.EbsStep.VOLUME_AVAILABLE;
import static dev.berth.backend.ebs.EbsStep.VOLUME_DELETED;
import static dev.berth.backend.ebs.EbsStep.VOLUME_MODIFIED;
import static dev.berth.backend.ebs.EbsStep.VOLUME_REQUESTED;
import static dev.berth.lifecycle.LifecycleStep.CREATE_CONFIRMED;
import static dev.berth.lifecycle.LifecycleStep.CREATE_INTENT_WRITTEN;
import static dev.berth.lifecycle.LifecycleStep.CREATE_PROVISIONED;
import static dev.berth.lifecycle.LifecycleStep.MOUNT_CONFIRMED;

import dev.berth.backend.block.BlockStep;
import dev.berth.ec2sim.Ec2Simulator;
import dev.berth.testing.SimulatedCloud;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** The operations on EBS volumes, each killed at the steps that only they have. */
record EbsScenarios(SimulatedCloud cloud) {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  List<Scenario> all() {
    return List.of(
        new Scenario("create")
            .operation(Subject::create)
            .onlyAt(CREATE_INTENT_WRITTEN, VOLUME_REQUESTED, VOLUME_AVAILABLE)
            .againAt(VOLUME_AVAILABLE)
            .leaves(Subject::isThere),
        new Scenario("restore")
            .prepared(
                volume -> {
                  volume.source().createWithData();
                  volume.source().takeSnapshot();
                })
            .operation(
                volume -> volume.create("snapshotId=" + volume.source().snapshotIds().getFirst()))
            .onlyAt(VOLUME_REQUESTED, VOLUME_AVAILABLE, IMAGE_COPIED)
            .leaves(Subject::isCopy),
        new Scenario("clone in use")
            .prepared(volume -> volume.source().createInUse())
            .operation(volume -> volume.create("sourceVolume=" + volume.source().name()))
            .onlyAt(BlockStep.FROZEN, VOLUME_REQUESTED, IMAGE_COPIED)
            .leaves(Subject::isCopy),
        new Scenario("adopt")
            .prepared(this::leaveBehind)
            .operation(volume -> volume.create("volumeId=" + id(volume), "onRemove=delete"))
            .onlyAt(CREATE_INTENT_WRITTEN, CREATE_PROVISIONED, CREATE_CONFIRMED)
            .againAt(CREATE_PROVISIONED)
            .leaves(Subject::isThere),
        mount("first mount")
            .prepared(Subject::create)
            .onlyAt(ATTACH_REQUESTED, DEVICE_APPEARED, BlockStep.FILESYSTEM_MADE),
        mount("mount with data")
            .prepared(Subject::createWithData)
            .onlyAt(ATTACH_REQUESTED, DEVICE_APPEARED, BlockStep.FILESYSTEM_MOUNTED)
            .againAt(DETACH_REQUESTED),
        mount("mount that hangs")
            .with("BERTH_EBS_STUCK_AFTER", "2s")
            .prepared(Subject::createWithData)
            .operation(
                volume -> {
                  cloud.simulator().stickNextAttachment(Duration.ZERO);
                  volume.mount("x");
                })
            .onlyAt(ATTACH_REQUESTED, STUCK_ATTACHMENT_UNDONE),
        mount("take over")
            .prepared(
                volume -> {
                  volume.createWithData();
                  giveToStoppedInstance(volume);
                })
            .onlyAt(TAKEN_OVER, ATTACH_REQUESTED),
        mount("mount of an adopted one")
            .prepared(
                volume -> {
                  leaveBehind(volume);
                  volume.create("volumeId=" + id(volume), "onRemove=delete");
                })
            .onlyAt(ATTACH_REQUESTED, BlockStep.FILESYSTEM_RECOGNISED),
        new Scenario("unmount")
            .prepared(Subject::createInUse)
            .operation(volume -> volume.unmount("x"))
            .onlyAt(DEVICE_RELEASED, DETACH_REQUESTED, DEVICE_GONE)
            .leaves(Subject::isFree),
        new Scenario("remove")
            .prepared(Subject::createWithData)
            .operation(Subject::remove)
            .onlyAt(VOLUME_DELETED)
            .leaves(Subject::isGone),
        new Scenario("remove with snapshot")
            .prepared(volume -> volume.createWithData("onRemove=snapshot"))
            .operation(Subject::remove)
            .onlyAt(SNAPSHOT_REQUESTED, IMAGE_COPIED, VOLUME_DELETED)
            .leaves(
                volume -> {
                  volume.isGone();
                  volume.hasSnapshots(1);
                }),
        new Scenario("grow")
            .prepared(Subject::createWithData)
            .operation(volume -> volume.grow("2GiB"))
            .onlyAt(MODIFICATION_REQUESTED, VOLUME_MODIFIED)
            .leaves(volume -> volume.isLargerThan(1_500L << 20)),
        new Scenario("snapshot in use")
            .prepared(Subject::createInUse)
            .operation(Subject::takeSnapshot)
            .onlyAt(BlockStep.FROZEN, SNAPSHOT_REQUESTED)
            .leaves(volume -> volume.hasSnapshots(volume.cameTo(SNAPSHOT_REQUESTED) ? 1 : 0)),
        new Scenario("snapshot deleted")
            .prepared(
                volume -> {
                  volume.createWithData();
                  volume.takeSnapshot();
                })
            .operation(Subject::deleteSnapshot)
            .onlyAt(CLOUD_SNAPSHOT_DELETED)
            .leaves(volume -> volume.hasSnapshots(0)));
  }

  /** Of a Mount that was not answered, no Unmount comes. */
  private static Scenario mount(String name) {
    return new Scenario(name)
        .operation(volume -> volume.mount("x"))
        .leaves(EbsScenarios::heldIfAnswered);
  }

  private static void heldIfAnswered(Subject volume) {
    if (volume.cameTo(MOUNT_CONFIRMED)) {
      volume.isHeldFor("x");
    }
  }

  /** What it was is in the cloud, with data, and no Berth knows it. */
  private void leaveBehind(Subject volume) {
    volume.createWithData("onRemove=retain");
    volume.remove();
  }

  private String id(Subject volume) {
    return cloud.simulator().volumes().stream()
        .filter(candidate -> volume.name().equals(candidate.tags().get("berth:volume")))
        .findFirst()
        .orElseThrow()
        .id();
  }

  private void giveToStoppedInstance(Subject volume) {
    Ec2Simulator simulator = cloud.simulator();
    String other = simulator.runInstance();
    String id = id(volume);
    Awaitility.await(id + " free")
        .atMost(LIMIT)
        .until(() -> simulator.volume(id).orElseThrow().attachment().isEmpty());
    simulator.attach(id, other, "/dev/xvdf");
    Awaitility.await(id + " attached")
        .atMost(LIMIT)
        .until(
            () ->
                simulator
                    .volume(id)
                    .orElseThrow()
                    .attachment()
                    .filter(held -> held.state().wire().equals("attached"))
                    .isPresent());
    simulator.stopInstance(other);
  }
}
