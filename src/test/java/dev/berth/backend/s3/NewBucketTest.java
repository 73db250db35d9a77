package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.s3.ScriptedStore.Reply;
import dev.berth.testing.Async;
import dev.berth.testing.Rule;
import dev.berth.volume.HostId;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  private static final Pattern ID =
      Pattern.compile("<Key>berth:volume-id</Key><Value>([^<]*)</Value>");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final S3Access access = new S3Access(endpoint -> Optional.empty());
  private final Buckets buckets = new Buckets(access, new Preflight(access));
  private final ConcurrentLinkedQueue<Reply> refusals = new ConcurrentLinkedQueue<>();
  private final Map<String, String> tags = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<Runnable> tagReads = new ConcurrentLinkedQueue<>();
  private volatile boolean there;
  private volatile boolean tagsRefused;
  private volatile String objects = "";
  private ScriptedStore store;
  private Volume volume;
  private Volume second;

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
            "true",
            "createBucket",
            "true");
    volume = creating("photos", options);
    second = creating("second", options);
  }

  private static Volume creating(String name, Map<String, String> options) {
    return Volume.creating(
        new VolumeName(name),
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
    if (request.startsWith("GET " + BUCKET + "?list-type")) {
      return Reply.ok("<ListBucketResult>%s</ListBucketResult>".formatted(objects));
    }
    if (request.startsWith("GET " + BUCKET + "?tagging")) {
      if (tagsRefused) {
        return Reply.error(403, "AccessDenied");
      }
      Optional.ofNullable(tagReads.poll()).ifPresent(Runnable::run);
      return tags.isEmpty() ? Reply.error(404, "NoSuchTagSet") : Reply.ok(tagging());
    }
    if (request.startsWith("PUT " + BUCKET + "?tagging") && refusals.isEmpty()) {
      tags.put("berth:volume-id", lastWritten());
    }
    Reply refusal = request.startsWith("PUT") ? refusals.poll() : null;
    return refusal == null ? Reply.ok("") : refusal;
  }

  private String lastWritten() {
    Matcher id = ID.matcher(String.join("", store.asked()));
    return id.results().map(found -> found.group(1)).reduce((first, last) -> last).orElseThrow();
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

  /** Berth was killed when the bucket was there and its tags were not. */
  @Test
  void oneThatAnEarlierCallMadeIsCompleted() {
    there = true;
    ensure();
    assertThat(asked("PUT " + BUCKET + "?publicAccessBlock")).isTrue();
    assertThat(store.asked())
        .filteredOn(request -> request.startsWith("PUT " + BUCKET + "?tagging"))
        .singleElement()
        .asString()
        .contains(volume.id().value());
  }

  /** Somebody made it meanwhile: what is in it is his. */
  @Test
  void oneWithObjectsIsNotTakenForOnesOwn() {
    there = true;
    objects = "<Contents><Key>x</Key></Contents>";
    ensure();
    assertThat(store.asked()).noneMatch(request -> request.startsWith("PUT"));
  }

  /** Nor one of which nobody can tell whose it is. */
  @Test
  void oneWhoseTagsCannotBeReadIsNotTakenForOnesOwn() {
    there = true;
    tagsRefused = true;
    ensure();
    assertThat(store.asked()).noneMatch(request -> request.startsWith("PUT"));
    buckets.takeBack(S3Target.of(volume), volume);
    assertThat(there).isTrue();
  }

  /** Each would have found no tags, and both would have written theirs. */
  @Test
  void ofTwoVolumesThatMakeItAtOnceOneHasIt() {
    CountDownLatch both = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      tagReads.add(() -> arrived(both));
    }
    Future<Boolean> other = Async.start(() -> ensured(second));
    ensured(volume);
    assertThat(Async.get(other, LIMIT)).isTrue();
    assertThat(store.asked())
        .filteredOn(request -> request.startsWith("PUT " + BUCKET + "?tagging"))
        .hasSize(1);
  }

  private boolean ensured(Volume of) {
    buckets.ensure(S3Target.of(of), of);
    return true;
  }

  /** The second one comes at once if nothing keeps it. */
  private static void arrived(CountDownLatch both) {
    both.countDown();
    try {
      boolean _ = both.await(500, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
