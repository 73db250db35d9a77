package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.backend.block.BlockOptions;
import dev.berth.volume.Option;
import dev.berth.volume.OptionSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EbsOptionsTest {
  private static OptionSchema schema() {
    List<Option<?>> all = new ArrayList<>(BlockOptions.ALL);
    all.addAll(EbsOptions.ALL);
    return new OptionSchema(all);
  }

  @Test
  void anAdoptedVolumeHasNoDefaultsForWhatItIsAlready() {
    OptionSchema schema = schema();
    var given = schema.parse(Map.of("volumeId", "vol-0123456789abcdef0"));
    var defaults =
        schema.parse(Map.of("size", "10GiB", "fsType", "xfs", "type", "gp2", "onRemove", "retain"));
    assertThat(schema.complete(given, defaults).texts())
        .containsOnlyKeys("volumeId", "onRemove")
        .containsEntry("onRemove", "retain");
  }
}
