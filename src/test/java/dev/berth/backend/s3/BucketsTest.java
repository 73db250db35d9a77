package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.testing.S3Store;
import dev.berth.volume.Content;
import dev.berth.volume.HostId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What creating and removing volumes does to buckets and objects. */
class BucketsTest {
  @RegisterExtension static final S3Bed BED = new S3Bed();

  private final S3Backend backend = BED.backend();

  private static final class None implements dev.berth.backend.VolumeLookup {
    @Override
    public List<Volume> all() {
      return List.of();
    }

    @Override
    public Volume require(VolumeName name) {
      throw new VolumeException.NotFound(name.value());
    }

    @Override
    public <T> T using(VolumeName name, Function<Volume, T> work) {
      return work.apply(require(name));
    }
  }

  private Volume creating(String name, String... given) {
    Map<String, String> options = new HashMap<>();
    for (String option : given) {
      options.put(
          option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
    }
    VolumeName of = new VolumeName(name);
    VolumeOptions complete =
        backend.prepare(of, backend.traits().schema().parse(options), new None());
    return Volume.creating(of, S3Options.BACKEND, complete, new HostId("h"), Instant.EPOCH);
  }

  private Volume deleting(Volume volume) {
    VolumeState.Ready ready =
        new VolumeState.Ready(
            Location.of(volume.options()).ref(), new Content.Unmanaged(), Optional.empty());
    return volume.with(new VolumeState.Deleting(ready, Instant.EPOCH, 0));
  }

  @Test
  void aBucketIsMadeOnceAndKept() {
    Volume volume = creating("own", "bucket=made-by-berth", "createBucket=true");
    assertThat(backend.provision(volume, new None()).ref()).hasToString("made-by-berth/");
    assertThat(backend.provision(volume, new None()).ref()).hasToString("made-by-berth/");
    BED.store().put("made-by-berth", "x", "kept");
    Volume again = creating("own2", "bucket=made-by-berth", "createBucket=true");
    backend.provision(again, new None());
    assertThat(BED.store().get("made-by-berth", "x")).isEqualTo("kept");
  }

  @Test
  void withoutCreateBucketNoneIsMade() {
    assertThatThrownBy(() -> creating("own", "bucket=not-made"))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("no bucket not-made");
  }

  @Test
  void aFailedCreateDeletesNoObject() {
    BED.store().put(S3Store.BUCKET, "failed/precious", "kept");
    Volume volume = creating("failed", "onRemove=delete");
    backend.deprovision(volume);
    assertThat(BED.store().get(S3Store.BUCKET, "failed/precious")).isEqualTo("kept");
  }

  @Test
  void removingDeletesWhatIsUnderThePrefixAndNothingElse() {
    for (int i = 0; i < 30; i++) {
      BED.store().put(S3Store.BUCKET, "gone/%d/x".formatted(i), "x");
    }
    BED.store().put(S3Store.BUCKET, "gone-not/x", "kept");
    Volume volume = creating("gone", "onRemove=delete");
    backend.deprovision(deleting(volume));
    assertThat(BED.store().keys(S3Store.BUCKET))
        .noneMatch(key -> key.startsWith("gone/"))
        .contains("gone-not/x");
    backend.deprovision(deleting(volume));
  }

  @Test
  void removingAVolumeThatKeepsItsDataIsRefused() {
    BED.store().put(S3Store.BUCKET, "kept/x", "kept");
    Volume volume = creating("kept");
    assertThatThrownBy(() -> backend.deprovision(deleting(volume)))
        .isInstanceOf(VolumeException.Refused.class)
        .hasMessageContaining("not deleted");
    Volume whole = creating("whole", "bucket=" + S3Store.BUCKET);
    assertThatThrownBy(() -> backend.deprovision(deleting(whole)))
        .isInstanceOf(VolumeException.Refused.class);
    assertThat(BED.store().get(S3Store.BUCKET, "kept/x")).isEqualTo("kept");
  }

  @Test
  void theRegionIsRemembered() {
    assertThat(creating("region").options().texts())
        .containsEntry("region", "us-east-1")
        .containsEntry("client", "s3fs")
        .containsEntry("pathStyle", "true");
  }
}
