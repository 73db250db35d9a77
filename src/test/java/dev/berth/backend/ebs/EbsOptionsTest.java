package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.backend.block.BlockOptions;
import dev.berth.volume.Option;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.VolumeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

  @Test
  void aSizeThatNoVolumeHasIsRefusedWithWhatThereIs() {
    var given = schema().parse(Map.of("size", "4000000TiB"));
    assertThatThrownBy(() -> EbsOptionRules.completeNew(given, () -> "eu-west-1a"))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("volumes of type gp3 have from 1GiB to 65536GiB");
  }

  /** Nobody said how many IOPS an adopted one has, and nobody could. */
  @Test
  void anAdoptedVolumeOfProvisionedIopsCanGrow() {
    Map<String, String> texts = Map.of("type", "io2", "size", "20GiB");
    Map<String, String> adopted = new TreeMap<>(texts);
    adopted.put("volumeId", "vol-0123456789abcdef0");
    assertThatThrownBy(() -> EbsOptionRules.completeNew(schema().parse(texts), () -> "eu-west-1a"))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("need iops");
    assertThat(EbsOptionRules.completeNew(schema().parse(adopted), () -> "eu-west-1a").texts())
        .containsEntry("size", "20GiB");
  }
}
