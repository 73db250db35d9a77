package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Rule;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Whatever a container makes of its mount table, only its own volume's mounts are touched. */
@Rule(17)
class ReplacementPlanTest {
  private static final FuseFilesystem OLD =
      new FuseFilesystem(new DeviceNumber(0, 41), Optional.of("berth-5156c0ffee5156c0.2"));
  private static final FuseFilesystem NAMELESS = new FuseFilesystem(OLD.device(), Optional.empty());

  private static List<String> planned(
      FuseFilesystem old, boolean pinned, boolean madeByRoot, String mounts) {
    return ReplacementPlan.of(MountTable.parse(mounts), old, pinned, madeByRoot).places().stream()
        .map(entry -> entry.mountpoint().toString())
        .toList();
  }

  @Provide
  Arbitrary<List<String>> mounts() {
    Arbitrary<String> part = Arbitraries.of("a", "sub", "..", ".", "", "/deleted", "x\\040y", "é");
    Arbitrary<String> path = part.list().ofMaxSize(3).map(parts -> "/" + String.join("/", parts));
    Arbitrary<String> ids = Arbitraries.integers().between(1, 12).map(String::valueOf);
    return Combinators.combine(
            ids,
            ids,
            Arbitraries.of("0:41", "0:42", "254:0"),
            path,
            path,
            Arbitraries.of("", "shared:3 ", "master:3 "),
            Arbitraries.of("fuse.s3fs", "fuse", "fuse.rclone", "ext4", "overlay"),
            Arbitraries.of(
                "berth-5156c0ffee5156c0.2", "berth-5156c0ffee5156c0.1", "s3fs", "/dev/vda"))
        .as(
            (id, parent, device, root, at, group, type, source) ->
                "%s %s %s %s %s rw,nosuid %s- %s %s rw"
                    .formatted(id, parent, device, root, at, group, type, source))
        .list()
        .ofMaxSize(12);
  }

  @Property
  void onlyMountsOfThatVolumeAndGenerationAreTouched(@ForAll("mounts") List<String> lines) {
    MountTable table = MountTable.parse(String.join("\n", lines));
    for (boolean pinned : new boolean[] {true, false}) {
      ReplacementPlan plan = ReplacementPlan.of(table, OLD, pinned, true);
      assertThat(plan.places())
          .allSatisfy(
              entry -> {
                assertThat(entry.device()).isEqualTo(OLD.device());
                assertThat(entry.source()).isEqualTo("berth-5156c0ffee5156c0.2");
                assertThat(entry.type()).startsWith("fuse");
                assertThat(table.isMountedOn(entry)).isFalse();
                assertThat(entry.root())
                    .startsWith("/")
                    .doesNotContain("//", "/../", "/./")
                    .matches(root -> !root.endsWith("/..") && !root.endsWith("/."));
              });
      long ours = table.entries().stream().filter(OLD::isMountedAs).count();
      assertThat(plan.places().size() + plan.refused().size()).isEqualTo((int) ours);
    }
  }

  @Property
  void whatIsNotProvedToBeTheVolumesIsNotTouched(@ForAll("mounts") List<String> lines) {
    String mounts = String.join("\n", lines);
    assertThat(planned(OLD, false, false, mounts)).isEmpty();
    assertThat(planned(NAMELESS, false, true, mounts)).isEmpty();
  }

  /** Seen in a container that had made a link of the name the kernel gives to what is deleted. */
  @Test
  void aDirectoryThatWasDeletedIsRefused() {
    String mounts =
        """
        40 39 0:70 / / rw - overlay overlay rw
        41 40 0:41 / /all rw,nosuid,nodev - fuse.s3fs berth-5156c0ffee5156c0.2 rw
        42 40 0:41 /sub//deleted /x rw,nosuid,nodev - fuse.s3fs berth-5156c0ffee5156c0.2 rw
        """;
    ReplacementPlan plan = ReplacementPlan.of(MountTable.parse(mounts), OLD, true, true);
    assertThat(plan.places()).extracting(MountEntry::id).containsExactly(41);
    assertThat(plan.refused()).singleElement().asString().contains("/x", "deleted");
  }
}
