package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;

/** What clients and credentials cost this process. */
@SuppressWarnings("NullAway.Init")
class S3AccessTest {
  private static final String PROFILES = "aws.sharedCredentialsFile";
  private static final int MANY = 12;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final S3Access access = new S3Access(endpoint -> Optional.empty());

  @BeforeEach
  void give() throws IOException {
    Path file = directory.resolve("credentials");
    StringBuilder profiles = new StringBuilder();
    IntStream.range(0, MANY)
        .forEach(
            i ->
                profiles.append(
                    "[p%d]%naws_access_key_id = A%naws_secret_access_key = S%n".formatted(i)));
    System.setProperty(PROFILES, Files.writeString(file, profiles).toString());
  }

  @Test
  void aFileThatIsNoneOfProfilesIsAnErrorOfTheSdk() throws IOException {
    Files.writeString(directory.resolve("credentials"), "[p0]%nno property%n".formatted());
    Store store = new Store(Optional.empty(), Region.US_EAST_1, false);
    CredentialSource source = new CredentialSource(Optional.of("p0"), Optional.empty());
    assertThatThrownBy(() -> access.credentials(store, source))
        .isInstanceOf(SdkClientException.class)
        .hasMessageContaining("p0");
    assertThatThrownBy(
            () ->
                access.credentials(store, new CredentialSource(Optional.empty(), Optional.empty())))
        .isInstanceOf(SdkClientException.class);
  }

  @AfterEach
  void forget() {
    access.close();
    System.clearProperty(PROFILES);
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("sdk-") || name.startsWith("s3-limit-"))
        .toList();
  }

  @Test
  void anyNumberOfClientsHasTwoThreadsAndNoneInTheEnd() {
    List<String> before = threads();
    try (ScriptedStore store = new ScriptedStore(_ -> ScriptedStore.Reply.ok(""))) {
      Store with = new Store(Optional.of(store.endpoint()), Region.US_EAST_1, true);
      for (int i = 0; i < MANY; i++) {
        var client =
            access.client(with, new CredentialSource(Optional.of("p" + i), Optional.empty()));
        for (int call = 0; call < 3; call++) {
          var _ = client.headBucket(request -> request.bucket("bucket"));
        }
      }
      assertThat(store.asked()).hasSize(3 * MANY);
      assertThat(threads()).hasSizeBetween(1, before.size() + 2);
    }
    access.close();
    await().atMost(LIMIT).until(() -> threads().size() <= before.size());
  }
}
