package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.s3.ScriptedStore.Reply;
import dev.berth.testing.Rule;
import dev.berth.volume.HostId;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a bucket comes to be, in a store that has one and refuses what a test wants refused. */
@Rule(14)
@SuppressWarnings("NullAway.Init")
class NewBucketTest {
  private static final String PROFILES = "aws.sharedCredentialsFile";
  private static final String BUCKET = "/made-by-berth";

  @TempDir Path directory;

  private final S3Access access = new S3Access(endpoint -> Optional.empty());
  private final Buckets buckets = new Buckets(access, new Preflight(access));
  private final ConcurrentLinkedQueue<Reply> refusals = new ConcurrentLinkedQueue<>();
  private final Map<String, String> tags = new ConcurrentHashMap<>();
  private volatile boolean there;
  private ScriptedStore store;
  private Volume volume;

  @BeforeEach
  void start() throws IOException {
    System.setProperty(
        PROFILES,
        Files.writeString(
                directory.resolve("credentials"),
                "[default]%naws_access_key_id = A%naws_secret_access_key = S%n".formatted())
            .toString());
    store = new ScriptedStore(this::answer);
    Map<String, String> options =
        Map.of(
            "bucket",
            BUCKET.substring(1),
            "endpoint",
            store.endpoint().toString(),
            "pathStyle",
            "true");
    volume =
        Volume.creating(
            new VolumeName("photos"),
            S3Options.BACKEND,
            new OptionSchema(S3Options.ALL).parse(options),
            new HostId("h"),
            Instant.EPOCH);
  }

  @AfterEach
  void stop() {
    store.close();
    access.close();
    System.clearProperty(PROFILES);
  }

  private Reply answer(String request) {
    if (request.equals("PUT " + BUCKET)) {
      there = true;
      return Reply.ok("");
    }
    if (!there) {
      return Reply.error(404, "NoSuchBucket");
    }
    if (request.startsWith("DELETE")) {
      there = false;
      return new Reply(204, "");
    }
    if (request.startsWith("GET " + BUCKET + "?tagging")) {
      return tags.isEmpty() ? Reply.error(404, "NoSuchTagSet") : Reply.ok(tagging());
    }
    Reply refusal = request.startsWith("PUT") ? refusals.poll() : null;
    return refusal == null ? Reply.ok("") : refusal;
  }

  private String tagging() {
    StringBuilder set = new StringBuilder();
    tags.forEach(
        (key, value) ->
            set.append("<Tag><Key>%s</Key><Value>%s</Value></Tag>".formatted(key, value)));
    return "<Tagging><TagSet>%s</TagSet></Tagging>".formatted(set);
  }

  private void ensure() {
    buckets.ensure(S3Target.of(volume), volume);
  }

  private boolean asked(String request) {
    return store.asked().stream().anyMatch(line -> line.startsWith(request));
  }

  @Test
  void itGetsTagsAndIsClosedToThePublic() {
    tags.put("owner", "finance");
    ensure();
    assertThat(asked("PUT " + BUCKET + "?publicAccessBlock")).isTrue();
    assertThat(store.asked())
        .filteredOn(request -> request.startsWith("PUT " + BUCKET + "?tagging"))
        .singleElement()
        .asString()
        .contains(volume.id().value(), "photos", "owner", "finance");
  }

  @Test
  void oneThatIsNotSettledYetIsWaitedFor() {
    refusals.add(Reply.error(409, "OperationAborted"));
    refusals.add(Reply.error(404, "NoSuchBucket"));
    ensure();
    assertThat(there).isTrue();
    assertThat(asked("PUT " + BUCKET + "?publicAccessBlock")).isTrue();
  }

  @Test
  void oneThatCannotBeSetUpIsTakenBack() {
    refusals.add(Reply.error(403, "AccessDenied"));
    assertThatThrownBy(this::ensure)
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("s3:PutBucketTagging");
    assertThat(there).isFalse();
  }

  @Test
  void oneThatWasThereBeforeStaysIfItCannotBeSetUp() {
    there = true;
    tags.put("berth:volume-id", volume.id().value());
    refusals.add(Reply.error(403, "AccessDenied"));
    assertThatThrownBy(this::ensure).isInstanceOf(VolumeException.Failed.class);
    assertThat(there).isTrue();
  }

  /** Both found none, and both make it. */
  @Test
  void whatAnotherVolumeMadeMeanwhileStaysTheirs() {
    tags.put("berth:volume-id", "0123456789abcdef");
    ensure();
    assertThat(there).isTrue();
    buckets.takeBack(S3Target.of(volume), volume);
    assertThat(there).isTrue();
    assertThat(store.asked()).noneMatch(request -> request.startsWith("PUT " + BUCKET + "?"));
  }
}
