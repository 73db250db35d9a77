package dev.berth.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.OffsetDateTime;

/** What the engine can read of a volume; on anything else it drops its own record, or dies. */
public final class Schema {
  private Schema() {}

  public static void checkVolume(JsonNode volume, String name, Path mountpoint) {
    assertThat(volume.path("Name").asText()).isEqualTo(name);
    assertThat(volume.path("Mountpoint").asText()).isEqualTo(mountpoint.toString());
    assertThat(volume.path("Status").isObject()).as("%s", volume).isTrue();
    if (volume.has("CreatedAt")) {
      assertThat(volume.path("CreatedAt").isTextual()).isTrue();
      assertThat(OffsetDateTime.parse(volume.path("CreatedAt").asText()).getYear())
          .isGreaterThan(2024);
    }
  }

  public static void checkList(JsonNode volumes) {
    assertThat(volumes.isArray()).as("%s", volumes).isTrue();
    assertThat(volumes).isNotEmpty();
    for (JsonNode volume : volumes) {
      assertThat(volume.isObject()).as("%s", volumes).isTrue();
      assertThat(volume.path("Name").asText()).isNotEmpty();
      assertThat(volume.path("Mountpoint").isTextual()).as("%s", volumes).isTrue();
    }
  }
}
