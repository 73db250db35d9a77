package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of rclone's cache that are not in the store yet. */
class NotUploadedTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path directory;
  private Path facts;

  @BeforeEach
  void make() throws IOException {
    facts = Files.createDirectories(directory.resolve("cache/vfsMeta/s/bucket/prefix"));
  }

  private void write(String name, String text, Instant written) throws IOException {
    Path file = Files.writeString(facts.resolve(name), text);
    Files.setLastModifiedTime(file, FileTime.from(written));
  }

  @Test
  void thoseThatAreNewerThanTheStoreAreCounted() throws IOException {
    for (int number = 0; number < 2_000; number++) {
      write("dirty" + number, "{\"Dirty\": true}", NOW);
    }
    write("sent", "{\"Dirty\": false}", NOW);
    write("being-rewritten", "", NOW);
    assertThat(new RcloneClient().notUploaded(directory)).isEqualTo(2_001);
  }

  @Test
  void thoseThatAreWrittenLaterAreNotWaitedFor() throws IOException {
    write("before", "{\"Dirty\": true}", NOW);
    write("later", "{\"Dirty\": true}", NOW.plusSeconds(5));
    assertThat(new RcloneClient().notUploaded(directory, NOW)).isEqualTo(1);
    assertThat(new RcloneClient().notUploaded(directory)).isEqualTo(2);
  }

  @Test
  void withoutACacheThereAreNone() {
    assertThat(new RcloneClient().notUploaded(directory.resolve("absent"))).isZero();
  }
}
