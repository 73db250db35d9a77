package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.testing.Rule;
import dev.berth.testing.S3Store;
import dev.berth.volume.Content;
import dev.berth.volume.HostId;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What creating and removing volumes does to buckets and objects. */
@Rule(13)
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
    VolumeName of = new VolumeName(name);
    VolumeOptions complete =
        backend.prepare(of, backend.traits().schema().parse(options(given)), new None());
    return Volume.creating(of, S3Options.BACKEND, complete, new HostId("h"), Instant.EPOCH);
  }

  private static Map<String, String> options(String... given) {
    return Arrays.stream(given)
        .map(option -> option.split("=", 2))
        .collect(Collectors.toMap(option -> option[0], option -> option[1]));
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

  /** Or Berth would take it for one that it is to make, and did not finish. */
  @Test
  void aBucketThatIsThereIsNotToBeMade() {
    BED.store().createBucket("there-before");
    Volume volume = creating("guest", "bucket=there-before", "createBucket=true");
    assertThat(volume.options().texts()).containsEntry("createBucket", "false");
    assertThat(creating("host", "bucket=not-there-yet", "createBucket=true").options().texts())
        .containsEntry("createBucket", "true");
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
  void aVolumeWhoseBucketIsGoneCanBeRemoved() throws IOException {
    BED.store().createBucket("deleted-by-hand");
    Volume volume = creating("orphan", "bucket=deleted-by-hand", "prefix=p", "onRemove=delete");
    Path cache = BED.root().resolve("s3").resolve(volume.id().value()).resolve("cache");
    Files.createDirectories(cache);
    BED.store().deleteBucket("deleted-by-hand");
    backend.deprovision(deleting(volume));
    assertThat(cache).doesNotExist();
  }

  private static S3Target target(URI endpoint, String... given) {
    Map<String, String> options = new HashMap<>(options(given));
    options.putAll(Map.of("endpoint", endpoint.toString(), "pathStyle", "true"));
    return S3Target.of(
        new VolumeName("photos"), new OptionSchema(S3Options.ALL).parse(options), Optional.empty());
  }

  private static void empty(ScriptedStore store) {
    new PrefixCleaner(new S3Access(endpoint -> Optional.empty()))
        .empty(target(store.endpoint(), "bucket=b-b", "prefix=p"), false);
  }

  @Test
  void aBucketMayGoWhileItIsEmptied() {
    String page =
        "<ListVersionsResult><Version><Key>p/x</Key><VersionId>1</VersionId></Version></ListVersionsResult>";
    AtomicInteger pages = new AtomicInteger();
    try (ScriptedStore store =
        new ScriptedStore(
            request ->
                request.contains("versions") && pages.getAndIncrement() == 0
                    ? ScriptedStore.Reply.ok(page)
                    : ScriptedStore.Reply.error(404, "NoSuchBucket"))) {
      empty(store);
      assertThat(store.asked()).anyMatch(request -> request.startsWith("POST /b-b?delete"));
    }
  }

  /** A proxy that has lost its store, say, answers that there is nothing. */
  @Test
  void whatOnlyMayBeNoBucketIsNotTakenForOne() {
    try (ScriptedStore store =
        new ScriptedStore(_ -> new ScriptedStore.Reply(404, "<html>Not Found</html>"))) {
      assertThatThrownBy(() -> empty(store)).isInstanceOf(VolumeException.Failed.class);
    }
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
