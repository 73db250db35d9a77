package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.host.Command;
import dev.berth.host.CommandResult;
import dev.berth.host.CommandRunner;
import dev.berth.host.Tool;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which client serves a volume, on hosts that have these programs and no others. */
class FuseClientsTest {
  private static final String BROKEN = "error while loading shared libraries";
  private static final VolumeName NAME = new VolumeName("photos");
  private final Map<Tool, String> installed = new EnumMap<>(Tool.class);

  FuseClientsTest() {
    installed.put(Tool.S3FS, "Amazon Simple Storage Service File System V1.90 (commit:unknown)");
    installed.put(Tool.RCLONE, "rclone v1.60.1-DEV\n- os/version: debian 12.11");
    installed.put(Tool.MOUNT_S3, "mount-s3 1.24.0");
    installed.put(Tool.FUSERMOUNT, "");
  }

  private final class Host implements CommandRunner {
    @Override
    public CommandResult run(Command command) {
      String says = Objects.requireNonNull(installed.get(command.tool()));
      return says.startsWith(BROKEN)
          ? new CommandResult(command, 127, "", says)
          : new CommandResult(command, 0, says, "");
    }

    @Override
    public Optional<Path> locate(Tool tool) {
      return installed.containsKey(tool)
          ? Optional.of(Path.of("/usr/bin", tool.program()))
          : Optional.empty();
    }
  }

  private String choose(String... given) {
    return choose(List.of(ClientKind.values()), given);
  }

  private String choose(List<ClientKind> order, String... given) {
    Map<String, String> options = new HashMap<>();
    for (String option : given) {
      options.put(
          option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
    }
    return new FuseClients(new Host(), order)
        .choose(NAME, new OptionSchema(S3Options.ALL).parse(options))
        .kind()
        .word();
  }

  @Test
  void theFirstInOrderThatIsInstalled() {
    assertThat(choose()).isEqualTo("s3fs");
    assertThat(choose(List.of(ClientKind.MOUNT_S3, ClientKind.S3FS))).isEqualTo("mount-s3");
    installed.remove(Tool.S3FS);
    assertThat(choose()).isEqualTo("rclone");
    installed.remove(Tool.FUSERMOUNT);
    assertThat(choose()).isEqualTo("mount-s3");
    installed.clear();
    assertThatThrownBy(this::choose)
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("s3fs: it is not installed; install the package s3fs")
        .hasMessageContaining("rclone");
  }

  @ParameterizedTest
  @CsvSource({
    "cacheSize=1GiB,rclone",
    "allowDelete=false,mount-s3",
    "allowOverwrite=false,mount-s3",
    "sse=aws:kms,rclone",
    "sse=aws:kms:dsse,mount-s3",
    "sse=AES256,s3fs"
  })
  void theFirstThatCanHonourTheOptions(String option, String client) {
    assertThat(choose(option)).isEqualTo(client);
  }

  @ParameterizedTest
  @CsvSource({
    "s3fs,cacheSize=1GiB,client=rclone or client=mount-s3 can",
    "s3fs,allowDelete=false,client=mount-s3 can",
    "rclone,allowOverwrite=false,client=mount-s3 can",
    "rclone,sse=aws:kms:dsse,client=mount-s3 can"
  })
  void aClientThatCannotIsAnErrorThatSaysWhichCan(String client, String option, String able) {
    assertThatThrownBy(() -> choose("client=" + client, option))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("cannot honour " + option.replaceAll("=1GiB", ""))
        .hasMessageContaining(able);
  }

  @Test
  void aReadOnlyVolumeForbidsAnyway() {
    assertThat(choose("client=s3fs", "readOnly=true", "allowDelete=false")).isEqualTo("s3fs");
  }

  @ParameterizedTest
  @CsvSource({
    "S3FS,Amazon Simple Storage Service File System V1.89,1.90",
    "RCLONE,rclone v1.59.2,1.60",
    "MOUNT_S3,mount-s3 1.9.1,1.24"
  })
  void oldVersionsAreRefused(Tool tool, String version, String least) {
    installed.put(tool, version);
    assertThatThrownBy(() -> choose("client=" + tool.program()))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContaining("at least " + least);
  }

  /** Some say it with three numbers, some build it without any. */
  @ParameterizedTest
  @CsvSource({
    "Amazon Simple Storage Service File System V1.89,version 1.89",
    "Amazon Simple Storage Service File System V0.99.1,version 0.99",
    "Amazon Simple Storage Service File System (commit:unknown),does not say its version",
    "error while loading shared libraries: libfuse.so.2,shared libraries"
  })
  void aClientThatCannotServeIsNotChosen(String says, String why) {
    installed.put(Tool.S3FS, says);
    assertThat(choose()).isEqualTo("rclone");
    assertThatThrownBy(() -> choose("client=s3fs"))
        .isInstanceOf(VolumeException.Failed.class)
        .hasMessageContainingAll("photos", "s3fs", why);
    assertThatThrownBy(() -> choose(List.of(ClientKind.S3FS)))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining(why);
  }

  @Test
  void mountS3RefusesKeysThatAreNoArn() {
    assertThatThrownBy(() -> choose("client=mount-s3", "sse=aws:kms", "kmsKeyId=alias/x"))
        .hasMessageContaining("ARN")
        .hasMessageContaining("client=s3fs or client=rclone can");
  }
}
