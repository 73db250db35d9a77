package dev.berth.ec2sim;

import static dev.berth.ec2sim.SimulatorBed.assertRefused;
import static dev.berth.ec2sim.SimulatorBed.filter;
import static dev.berth.ec2sim.SimulatorBed.gp3;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;
import software.amazon.awssdk.services.ec2.model.Volume;

class DescribesTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration LAG = Duration.ofHours(1);

  private final SimulatorBed bed = SimulatorBed.of(Ec2Simulator.withoutDevices());

  @AfterEach
  void close() {
    bed.close();
  }

  private String tagged(String key, String value) {
    TagSpecification tags =
        TagSpecification.builder()
            .resourceType("volume")
            .tags(Tag.builder().key(key).value(value).build())
            .build();
    return bed.client().createVolume(gp3(1).tagSpecifications(tags).build()).volumeId();
  }

  private List<String> found(Filter... filters) {
    return bed.client().describeVolumes(r -> r.filters(filters)).volumes().stream()
        .map(Volume::volumeId)
        .toList();
  }

  @Test
  void filtersMatchAllOfThemAndAnyOfTheirValues() {
    String one = tagged("berth:volume", "one");
    String two = tagged("berth:volume", "two");
    String attached = bed.attached("/dev/xvdaa");

    assertThat(found(filter("tag:berth:volume", "one"))).containsExactly(one);
    assertThat(found(filter("tag:berth:volume", "one", "two"))).containsOnly(one, two);
    assertThat(found(filter("tag:berth:volume", "t*"))).containsExactly(two);
    assertThat(found(filter("tag-key", "berth:volume"))).containsOnly(one, two);
    assertThat(found(filter("tag-key", "berth:volume"), filter("volume-id", two)))
        .containsExactly(two);
    assertThat(found(filter("status", "in-use"), filter("attachment.device", "/dev/xvdaa")))
        .containsExactly(attached);
    assertThat(found(filter("attachment.instance-id", bed.instance()))).contains(attached);
    assertThat(found(filter("volume-id", "vol-0123456789abcdef0"))).isEmpty();
  }

  @Test
  void aFilterThatIsUnknownOrTooLongIsRefused() {
    assertRefused("InvalidParameterValue", "colour", () -> found(filter("colour", "blue")));
    String[] values = IntStream.range(0, 201).mapToObj(i -> "v" + i).toArray(String[]::new);
    assertRefused("FilterLimitExceeded", "200", () -> found(filter("tag:x", values)));
  }

  @Test
  void oneMissingIdFailsTheWholeCall() {
    String there = bed.volume();
    String missing = "vol-0123456789abcdef0";

    assertRefused(
        "InvalidVolume.NotFound",
        "The volume '%s' does not exist.".formatted(missing),
        () -> bed.client().describeVolumes(r -> r.volumeIds(there, missing)));
    assertRefused(
        "InvalidParameterValue",
        "Expected: 'vol-...'",
        () -> bed.client().describeVolumes(r -> r.volumeIds("vol-xyz")));
  }

  @Test
  void pagesTogetherShowEachVolumeOnce() {
    for (int i = 0; i < 12; i++) {
      bed.client().createVolume(gp3(1).build());
    }
    List<String> ids = new ArrayList<>();

    bed.client()
        .describeVolumesPaginator(r -> r.maxResults(5))
        .forEach(page -> page.volumes().forEach(volume -> ids.add(volume.volumeId())));

    assertThat(ids).hasSize(13).doesNotHaveDuplicates();
    assertThat(bed.simulator().calls().of("DescribeVolumes")).isEqualTo(3);
  }

  @Test
  void pagesHaveAtLeastFiveAndNoIds() {
    assertRefused(
        "InvalidParameterValue",
        "greater than 5",
        () -> bed.client().describeVolumes(r -> r.maxResults(4)));
    String id = bed.volume();
    assertRefused(
        "InvalidParameterCombination",
        "maxResults",
        () -> bed.client().describeVolumes(r -> r.maxResults(5).volumeIds(id)));
    assertRefused(
        "InvalidParameterValue",
        "token",
        () -> bed.client().describeVolumes(r -> r.nextToken("%%%")));
  }

  @Test
  void staleDescribesShowWhatWas() {
    bed.simulator().staleDescribes(LAG);

    String id = bed.client().createVolume(gp3(1).build()).volumeId();

    assertRefused("InvalidVolume.NotFound", id, () -> bed.status(id));
    assertThat(found(filter("volume-id", id))).isEmpty();
    await("made")
        .atMost(LIMIT)
        .until(() -> bed.simulator().volume(id).orElseThrow().status().equals("available"));
    bed.simulator().advance(LAG);
    await("seen").atMost(LIMIT).until(() -> bed.dataVolumes().contains(id));
    bed.awaitStatus(id, "available");
    bed.client().deleteVolume(r -> r.volumeId(id));
    assertThat(bed.status(id)).isEqualTo("available");
    bed.simulator().staleDescribes(Duration.ZERO);
    await("gone").atMost(LIMIT).until(() -> !bed.dataVolumes().contains(id));
  }
}
