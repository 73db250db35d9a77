package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EbsSettingsTest {
  private static EbsConfig config(Map<String, String> values) {
    Map<String, String> all = new HashMap<>(values);
    all.put("berth.root", "/var/lib/berth");
    return new SmallRyeConfigBuilder()
        .withMapping(EbsConfig.class)
        .withConverter(Duration.class, 100, new DurationConverter())
        .withDefaultValues(all)
        .build()
        .getConfigMapping(EbsConfig.class);
  }

  @Test
  void nothingHasToBeSet() {
    EbsConfig config = config(Map.of());
    EbsSettings settings = EbsSettings.of(config);
    assertThat(settings.endpoint()).isEmpty();
    assertThat(settings.loopback()).isFalse();
    assertThat(settings.instance()).isEmpty();
    assertThat(config.ebs().stuckAfter()).isEqualTo(EbsTimings.USUAL.stuck());
    assertThat(config.ebs().sysfs()).isEqualTo(Path.of("/sys/block"));
    assertThat(config.ebs().deviceNodes()).isEqualTo(Path.of("/dev"));
  }

  @Test
  void allCanBeSet() {
    EbsSettings settings =
        EbsSettings.of(
            config(
                Map.of(
                    "berth.host-id", "i-0123456789abcdef0",
                    "berth.ebs.endpoint", "http://127.0.0.1:4566",
                    "berth.ebs.devices", "loopback",
                    "berth.ebs.region", "eu-central-1",
                    "berth.ebs.availability-zone", "eu-central-1b")));
    assertThat(settings.endpoint()).contains(URI.create("http://127.0.0.1:4566"));
    assertThat(settings.loopback()).isTrue();
    assertThat(settings.instance()).contains("i-0123456789abcdef0");
    assertThat(settings.region()).contains("eu-central-1");
    assertThat(settings.zone()).contains("eu-central-1b");
  }

  @Test
  void aHostIdThatIsNoInstanceIdIsNotTakenForOne() {
    assertThat(EbsSettings.of(config(Map.of("berth.host-id", "web-1"))).instance()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0s", "999ms", "91s"})
  void aTimeAfterWhichAllAttachmentsOrNoneWouldBeStuckIsRefused(String time) {
    EbsConfig config = config(Map.of("berth.ebs.stuck-after", time));
    assertThatThrownBy(() -> EbsSettings.of(config))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("berth.ebs.stuck-after is")
        .hasMessageContaining("from 1 s to 90 s");
  }

  @Test
  void loopbackDevicesAreForEmulatedCloudsOnly() {
    EbsConfig config = config(Map.of("berth.ebs.devices", "loopback"));
    assertThatThrownBy(() -> EbsSettings.of(config))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("berth.ebs.endpoint");
  }

  @Test
  void anEndpointNeedsAWordOnItsDevices() {
    EbsConfig config = config(Map.of("berth.ebs.endpoint", "http://127.0.0.1:4566"));
    assertThatThrownBy(() -> EbsSettings.of(config))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("berth.ebs.devices");
  }
}
