package dev.berth.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.RequiresSystem;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Keeps the benchmarks working; what they measure here is no matter. */
@RequiresSystem(engine = false)
class BenchIT {
  @Test
  void aQuickRunPrintsEveryFigureThatNeedsNoPeer() {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Bench.run(true, new PrintStream(printed, true, StandardCharsets.UTF_8));
    String text = printed.toString(StandardCharsets.UTF_8);
    assertThat(text)
        .contains(
            "| Get, 1 client, p50 |",
            "| Get, 8 clients, p99 |",
            "| Get, 8 clients, mean |",
            "| start to first answer |",
            "| … after 100 calls |",
            "| List of 100 volumes |",
            "| create and remove, each of 10 |",
            "| loop: write of 32 MiB and fsync |",
            "| loop: page cache after a read of 32 MiB |",
            "| loop: what the volume's file takes then |",
            "| EBS: calls of a life |",
            "| EBS: … after 4 lives at once |",
            "| s3: Mount to answer, client s3fs |",
            "| s3: read of 8 MiB, client s3fs |",
            "| s3: kill -9 of rclone, until",
            "| s3: kill -9 of s3fs, until");
    assertThat(text)
        .containsPattern("\\| filesystem made \\| [0-9.]+ (ms|µs) \\|  \\| mkfs.ext4 ")
        .containsPattern("\\| filesystem checked \\| .* \\| .* \\|.* e2fsck ")
        .containsPattern("\\| \\*\\*Unmount and release, seen by the caller\\*\\* \\|  \\| [0-9]");
  }
}
