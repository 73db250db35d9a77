package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.volume.VolumeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientLauncherTest {
  @TempDir Path root;

  /** s3fs writes what the store answered into its log, and Docker shows what the client said. */
  @Test
  void whatAStoreHadAClientSayIsOneLineAndNotAllOfIt() throws IOException {
    ClientDirectory directory = ClientDirectory.of(root, new VolumeId("0123456789abcdef"));
    directory.make(1);
    Files.writeString(
        directory.log(),
        "[CRT] Check bucket failed, S3 response: \u001b[2Jno\u009b2J\u202e\n"
            + "2026-11-30 [RemoveVolume] volume db removed\r\n"
            + "x".repeat(4_000));
    assertThat(ClientLauncher.lastWords(directory))
        .contains("; 2026-11-30 [RemoveVolume] volume db removed; x")
        .hasSizeLessThan(2_000)
        .doesNotContainPattern("[\\p{Cc}\\p{Cf}]");
  }
}
