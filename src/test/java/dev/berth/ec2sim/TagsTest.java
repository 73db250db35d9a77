package dev.berth.ec2sim;

import static dev.berth.ec2sim.SimulatorBed.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.Tag;

class TagsTest {
  private final SimulatorBed bed = SimulatorBed.of(Ec2Simulator.withoutDevices());

  @AfterEach
  void close() {
    bed.close();
  }

  private static Tag tag(String key, String value) {
    return Tag.builder().key(key).value(value).build();
  }

  private Map<String, String> tags(String volume) {
    return bed.simulator().volume(volume).orElseThrow().tags();
  }

  @Test
  void tagsAreAddedReplacedAndTakenAway() {
    String id = bed.volume();
    String other = bed.volume();

    bed.client().createTags(r -> r.resources(id, other).tags(tag("a", "1"), tag("b", "")));
    bed.client().createTags(r -> r.resources(id).tags(tag("a", "2")));

    assertThat(tags(id)).isEqualTo(Map.of("a", "2", "b", ""));
    assertThat(tags(other)).isEqualTo(Map.of("a", "1", "b", ""));
    bed.client().deleteTags(r -> r.resources(id).tags(tag("a", "other")));
    assertThat(tags(id)).containsKey("a");
    bed.client().deleteTags(r -> r.resources(id).tags(Tag.builder().key("a").build()));
    assertThat(tags(id)).isEqualTo(Map.of("b", ""));
    bed.client().deleteTags(r -> r.resources(other));
    assertThat(tags(other)).isEmpty();
  }

  @Test
  void instancesAndSnapshotsHaveTagsToo() {
    String volume = bed.volume();
    String snapshot = bed.client().createSnapshot(r -> r.volumeId(volume)).snapshotId();

    bed.client().createTags(r -> r.resources(snapshot, bed.instance()).tags(tag("k", "v")));

    assertThat(bed.simulator().snapshots().getFirst().tags()).containsEntry("k", "v");
    assertThat(
            bed.client()
                .describeInstances(r -> r.filters(SimulatorBed.filter("tag:k", "v")))
                .reservations())
        .hasSize(1);
  }

  @Test
  void oneMissingResourceFailsTheWholeCall() {
    String id = bed.volume();

    assertRefused(
        "InvalidVolume.NotFound",
        "vol-0123456789abcdef0",
        () ->
            bed.client()
                .createTags(r -> r.resources(id, "vol-0123456789abcdef0").tags(tag("k", "v"))));
    assertThat(tags(id)).isEmpty();
    assertRefused(
        "InvalidID",
        "not valid",
        () -> bed.client().createTags(r -> r.resources("x-1").tags(tag("k", "v"))));
  }

  @Test
  void refusesTooManyTooLongAndReservedTags() {
    String id = bed.volume();
    Tag[] many = IntStream.range(0, 51).mapToObj(i -> tag("k" + i, "v")).toArray(Tag[]::new);

    assertRefused(
        "TagLimitExceeded", "50", () -> bed.client().createTags(r -> r.resources(id).tags(many)));
    assertRefused(
        "InvalidParameterValue",
        "maximum length",
        () -> bed.client().createTags(r -> r.resources(id).tags(tag("k".repeat(129), "v"))));
    assertRefused(
        "InvalidParameterValue",
        "maximum length",
        () -> bed.client().createTags(r -> r.resources(id).tags(tag("k", "v".repeat(257)))));
    assertRefused(
        "InvalidParameterValue",
        "reserved",
        () -> bed.client().createTags(r -> r.resources(id).tags(tag("aws:k", "v"))));
  }
}
