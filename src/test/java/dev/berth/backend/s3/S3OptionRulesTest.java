package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.testing.Rule;
import dev.berth.volume.ByteSize;
import dev.berth.volume.HostId;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Rule(13)
class S3OptionRulesTest {
  private static final VolumeName NAME = new VolumeName("photos");
  private static final OptionSchema SCHEMA = new OptionSchema(S3Options.ALL);

  private static S3Config.Store config(Optional<String> bucket) {
    return new S3Bed.Settings(
        Path.of("/r"),
        bucket,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        ByteSize.parse("1GiB"),
        Duration.ofSeconds(1));
  }

  private static VolumeOptions complete(String... given) {
    return S3OptionRules.complete(NAME, parse(given), config(Optional.of("shared-bucket")));
  }

  private static VolumeOptions parse(String... given) {
    Map<String, String> options = new HashMap<>();
    for (String option : given) {
      options.put(
          option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
    }
    return SCHEMA.parse(options);
  }

  @Test
  void withoutABucketTheVolumeGetsAPrefixOfItsOwn() {
    assertThat(Location.of(complete())).hasToString("s3://shared-bucket/photos/");
    assertThat(Location.of(complete("prefix=a/b"))).hasToString("s3://shared-bucket/a/b/");
    assertThat(Location.of(complete("bucket=mine"))).hasToString("s3://mine/");
    assertThatThrownBy(() -> S3OptionRules.complete(NAME, parse(), config(Optional.empty())))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("berth.s3.bucket");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a..b", ".ab", "ab.", "a.-b", "a-.b", "-ab", "ab-", "192.168.1.4", "ab", "A-b"})
  void aNameThatNoBucketCanHaveIsRefused(String name) {
    assertThatThrownBy(() -> complete("bucket=" + name))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContainingAll("option bucket", "'" + name + "'", "single dots");
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "a.b", "my-bucket.example.com", "0ab", "1.2.3.4.5", "x--y"})
  void aNameThatABucketCanHaveIsTaken(String name) {
    assertThat(complete("bucket=" + name).require(S3Options.BUCKET)).isEqualTo(name);
  }

  @Test
  void removingTouchesNoDataUnlessAskedFor() {
    assertThat(complete("bucket=mine").texts()).containsEntry("onRemove", "retain");
    assertThat(complete("onRemove=delete").texts()).containsEntry("onRemove", "delete");
    assertThatThrownBy(() -> complete("bucket=mine", "onRemove=delete"))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("never emptied");
    assertThatThrownBy(() -> complete("onRemove=snapshot"))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("no snapshots");
  }

  @ParameterizedTest
  @CsvSource({"photos,photos/", "/photos/,photos/", "a/b=1/c,a/b=1/c/", "..x/y.,..x/y./"})
  void prefixesEndWithASlashAndBeginWithNone(String given, String prefix) {
    assertThat(complete("prefix=" + given).require(S3Options.PREFIX)).isEqualTo(prefix);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "a//b", "../x", "a/./b", "-x", "a b", "a,b", "ä", "a:b", "a/-b"})
  void prefixesThatCouldMeanSomethingElseAreRefused(String given) {
    assertThatThrownBy(() -> complete("prefix=" + given))
        .isInstanceOf(VolumeException.Invalid.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "minio:9000",
        "ftp://x",
        "http://user@x",
        "http://x/path",
        "http://x?q",
        "http://x,y",
        "http://"
      })
  void endpointsAreUrlsOfAStoreOnly(String given) {
    assertThatThrownBy(() -> complete("endpoint=" + given))
        .isInstanceOf(VolumeException.Invalid.class);
  }

  @Test
  void wordsOfAwsAreReadInAnyCase() {
    VolumeOptions options =
        complete("storage-class=standard-ia", "SSE=AWS:KMS", "kms_key_id=alias/x");
    assertThat(options.texts())
        .containsEntry("storageClass", "STANDARD_IA")
        .containsEntry("sse", "aws:kms");
    assertThatThrownBy(() -> complete("storageClass=glacier")).hasMessageContaining("GLACIER_IR");
    assertThatThrownBy(() -> complete("kmsKeyId=alias/x")).hasMessageContaining("sse=aws:kms");
  }

  @Test
  void pathStyleFollowsTheEndpoint() {
    assertThat(complete().require(S3Options.PATH_STYLE)).isFalse();
    assertThat(complete("endpoint=http://h:1").require(S3Options.PATH_STYLE)).isTrue();
    assertThat(complete("endpoint=http://h:1", "pathStyle=false").require(S3Options.PATH_STYLE))
        .isFalse();
  }

  private static Volume volume(String name, String... given) {
    VolumeName of = new VolumeName(name);
    return Volume.creating(
        of,
        S3Options.BACKEND,
        S3OptionRules.complete(of, parse(given), config(Optional.of("shared-bucket"))),
        new HostId("h"),
        Instant.EPOCH);
  }

  @ParameterizedTest
  @CsvSource({
    "prefix=a,prefix=a/b,true",
    "prefix=a/b,prefix=a,true",
    "prefix=a,prefix=a,true",
    "prefix=a,prefix=ab,false",
    "prefix=a,bucket=shared-bucket,true",
    "prefix=a,bucket=other,false"
  })
  void noVolumeCanDeleteAnothersObjects(String deleting, String other, boolean refused) {
    Volume first = volume("first", deleting, "onRemove=delete");
    Volume second = volume("second", other);
    for (List<Volume> pair : List.of(List.of(first, second), List.of(second, first))) {
      Volume candidate = pair.getFirst();
      if (refused) {
        assertThatThrownBy(
                () ->
                    S3OptionRules.checkNeighbours(
                        candidate.name(), candidate.options(), List.of(pair.getLast())))
            .isInstanceOf(VolumeException.Conflict.class)
            .hasMessageContaining("first")
            .hasMessageContaining("second");
      } else {
        S3OptionRules.checkNeighbours(
            candidate.name(), candidate.options(), List.of(pair.getLast()));
      }
    }
    S3OptionRules.checkNeighbours(first.name(), first.options(), List.of(first));
  }
}
