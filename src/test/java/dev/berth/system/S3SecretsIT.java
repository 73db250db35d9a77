package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.Containers;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.Run;
import dev.berth.testing.S3Store;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Keys show nowhere. */
@Rule(16)
@RequiresSystem
class S3SecretsIT {
  private static final S3Store STORE = new S3Store();

  @RegisterExtension
  static final TestBed BED =
      new TestBed(BedOptions.withEngine().in(STORE).with("BERTH_LOG_LEVEL", "DEBUG"));

  private static final List<String> SECRETS =
      List.of(S3Store.SECRET_KEY, S3Store.SESSION_TOKEN, S3Store.ACCESS_KEY);

  private final Containers containers = BED.containers();

  @Test
  void noKeyIsInArgumentsLogsLedgerMetadataOrStatus() {
    containers.create("fixed", "backend=s3", "client=s3fs");
    containers.create("asking", "backend=s3", "client=rclone");
    containers.create("temporary", "backend=s3", "client=s3fs", "profile=temporary");
    containers.tryCreate("refused", "backend=s3", "profile=badsecret");
    for (String volume : List.of("fixed", "asking", "temporary")) {
      containers.start("user-" + volume, volume);
      containers.exec("user-" + volume, "echo x > /m/x");
      assertThat(containers.inspect(volume, "{{.}}")).doesNotContain(SECRETS);
      assertThat(BED.berth().command("inspect", volume).succeed().out()).doesNotContain(SECRETS);
    }
    assertThat(BED.berth().command("ls").succeed().out()).doesNotContain(SECRETS);
    assertThat(arguments()).isNotEmpty().noneMatch(S3SecretsIT::shows);
    assertThat(filesThatShow(BED.work().resolve("cloud")))
        .as("the store's own files show them, so the search finds what there is")
        .isNotEmpty();
    assertThat(filesThatShow(BED.root())).isEmpty();
    assertThat(filesThatShow(BED.work().resolve("engine"))).isEmpty();
    assertThat(filesThatShow(Path.of("target/system-test-logs/S3SecretsIT"))).isEmpty();
  }

  private static boolean shows(String text) {
    return SECRETS.stream().anyMatch(text::contains);
  }

  private static List<String> arguments() {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(process -> process.getFileName().toString().matches("\\d+"))
          .map(process -> Traces.read(process.resolve("cmdline")))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Does not go into what is mounted. */
  private static List<String> filesThatShow(Path directory) {
    List<String> found = new ArrayList<>();
    for (String secret : SECRETS) {
      found.addAll(
          Run.of(
                  "sh",
                  "-c",
                  "find \"$1\" -xdev -type f -print0 | xargs -0 -r grep -lFf \"$2\"; true",
                  "sh",
                  directory.toString(),
                  secretFile(secret).toString())
              .succeed()
              .lines());
    }
    return found;
  }

  private static Path secretFile(String secret) {
    try {
      return Files.writeString(BED.work().resolve("searched"), secret);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
