package dev.berth.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BerthProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is in the folder that is delivered. */
class DeliveryIT {
  private static final Path HOME = BerthProcess.launcher().resolve("../..").normalize();
  private static final Path JAR = HOME.resolve("lib/lib/main/berth.jar");

  @Test
  @DisplayName("The licence, the notice, and the licences of others")
  void licences() throws IOException {
    assertThat(HOME.resolve("LICENSE")).content().contains("Apache License");
    assertThat(HOME.resolve("NOTICE")).content().contains("META-INF/licenses");
    try (ZipFile jar = new ZipFile(JAR.toFile())) {
      assertThat(jar.stream().map(ZipEntry::getName))
          .anyMatch(name -> name.startsWith("META-INF/licenses/"));
    }
  }

  @Test
  @DisplayName("The jar has no time of its making, an order by name, and an id of its content")
  void sameJarEachTime() throws IOException {
    String id = Files.readString(HOME.resolve("lib/build-id")).strip();
    assertThat(id).matches(".+-[0-9a-f]{16}");
    try (ZipFile jar = new ZipFile(JAR.toFile())) {
      String inside =
          new String(
              jar.getInputStream(new ZipEntry("berth-build-id")).readAllBytes(),
              StandardCharsets.UTF_8);
      assertThat(inside).isEqualTo(id);
      List<? extends ZipEntry> entries = jar.stream().skip(1).toList();
      assertThat(entries.stream().map(ZipEntry::getName).toList()).isSorted();
      assertThat(entries.stream().map(ZipEntry::getTimeLocal).distinct())
          .containsExactly(LocalDateTime.of(2000, 1, 1, 0, 0));
    }
  }

  @Test
  @DisplayName("No native code but what Berth listens and keeps its ledger with")
  void nativeCode() throws IOException {
    try (ZipFile jar = new ZipFile(JAR.toFile())) {
      assertThat(jar.stream().map(ZipEntry::getName)).noneMatch(name -> name.contains("brotli4j"));
    }
  }
}
