package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.host.Daemons;
import dev.berth.host.FuseConnections;
import dev.berth.host.Mounts;
import dev.berth.host.ProcessCommandRunner;
import dev.berth.volume.ByteSize;
import dev.berth.volume.HostId;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How watching ends. What it sees and does is in the contracts of the clients. */
@SuppressWarnings("NullAway.Init")
class SupervisorTest {
  private static final String PROFILES = "aws.sharedCredentialsFile";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path directory;

  @AfterEach
  void forgetProfiles() {
    System.clearProperty(PROFILES);
  }

  /** Or a call finds its client closed, which is no error of a store and nobody expects. */
  @Test
  void aQuestionToAStoreIsCutOffByTheEnd() throws IOException {
    System.setProperty(
        PROFILES,
        Files.writeString(
                directory.resolve("credentials"),
                "[default]%naws_access_key_id = A%naws_secret_access_key = S%n".formatted())
            .toString());
    S3Access access = new S3Access(endpoint -> Optional.empty());
    try (ServerSocket silent = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        Socket question = askedUntilTheEnd(silent, access)) {
      access.close();
      question.setSoTimeout((int) LIMIT.toMillis());
      assertThat(question.getInputStream().readAllBytes())
          .asString()
          .startsWith("EAD /photos HTTP/");
    }
  }

  private Socket askedUntilTheEnd(ServerSocket store, S3Access access) throws IOException {
    try (Supervisor supervisor = supervisor(access)) {
      supervisor.of(volumeIn("http://127.0.0.1:" + store.getLocalPort()));
      Socket question = store.accept();
      assertThat(question.getInputStream().read()).isEqualTo('H');
      return question;
    }
  }

  private Supervisor supervisor(S3Access access) {
    ProcessCommandRunner runner = new ProcessCommandRunner(System.getenv("PATH"));
    Mounts mounts = new Mounts(runner);
    S3Config config =
        new S3Bed.Settings(
            directory,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(ClientKind.RCLONE),
            ByteSize.parse("1GiB"),
            Duration.ofMillis(1));
    S3Tools tools =
        new S3Tools(runner, mounts, new Daemons(runner), new FuseConnections(mounts), config);
    Clock clock = Clock.systemUTC();
    ClientPlans plans =
        new ClientPlans(access, new CredentialsEndpoint(directory, access, clock), tools);
    return new Supervisor(tools, plans, new Preflight(access), clock, config.s3().probeInterval());
  }

  private static Volume volumeIn(String endpoint) {
    return Volume.creating(
        new VolumeName("photos"),
        S3Options.BACKEND,
        new OptionSchema(S3Options.ALL)
            .parse(
                Map.of(
                    "bucket",
                    "photos",
                    "client",
                    "rclone",
                    "endpoint",
                    endpoint,
                    "pathStyle",
                    "true")),
        new HostId("h"),
        Instant.EPOCH);
  }
}
