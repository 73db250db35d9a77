package dev.berth.backend.ebs;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.volume.VolumeException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VolumeTypeTest {
  @ParameterizedTest
  @CsvSource({
    "GP3, 1, ,",
    "GP3, 65536, ,",
    "GP3, 1, 3000, 125",
    "GP3, 160, 80000, 2000",
    "GP3, 8, 4000, 1000",
    "GP3, 1, , 750",
    "GP2, 16384, ,",
    "IO1, 4, 100,",
    "IO1, 4, 200,",
    "IO2, 65536, 256000,",
    "ST1, 125, ,",
    "SC1, 16384, ,",
    "STANDARD, 1024, ,"
  })
  void whatATypeHasIsAllowed(
      VolumeType type, long size, @Nullable Integer iops, @Nullable Integer throughput) {
    assertThatCode(
            () -> type.check(size, Optional.ofNullable(iops), Optional.ofNullable(throughput)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GP3 | 65537 | | | size 65537GiB: volumes of type gp3 have from 1GiB to 65536GiB",
        "IO1 | 3 | 100 | | size 3GiB: volumes of type io1 have from 4GiB to 16384GiB",
        "ST1 | 124 | | | size 124GiB: volumes of type st1 have from 125GiB to 16384GiB",
        "STANDARD | 1025 | | | from 1GiB to 1024GiB",
        "GP3 | 1 | 2999 | | iops 2999: volumes of type gp3 have from 3000 to 3000 at 1GiB",
        "GP3 | 10 | 5001 | | from 3000 to 5000 at 10GiB (500 for each GiB, at most 80000)",
        "GP3 | 65536 | 80001 | | from 3000 to 80000",
        "IO1 | 4 | 201 | | from 100 to 200 at 4GiB",
        "IO1 | 16384 | 64001 | | from 100 to 64000",
        "IO2 | 4 | 4001 | | from 100 to 4000",
        "GP2 | 10 | 3000 | | volumes of type gp2 have no iops to choose",
        "ST1 | 125 | 500 | | volumes of type st1 have no iops to choose",
        "GP3 | 1 | | 124 | throughput 124 MiB/s: volumes of type gp3 have from 125 to 750",
        "GP3 | 1 | | 751 | from 125 to 750 at 3000 iops (one for each 4 iops, at most 2000)",
        "GP3 | 1000 | 80000 | 2001 | from 125 to 2000",
        "IO2 | 10 | 100 | 125 | volumes of type io2 have no throughput to choose"
      })
  void anythingElseIsRefusedWithWhatIsAllowed(
      VolumeType type,
      long size,
      @Nullable Integer iops,
      @Nullable Integer throughput,
      String message) {
    assertThatThrownBy(
            () -> type.check(size, Optional.ofNullable(iops), Optional.ofNullable(throughput)))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining(message);
  }

  @Test
  void aNewVolumeOfProvisionedIopsHasToSayHowMany() {
    assertThatThrownBy(() -> VolumeType.IO2.requireIops(10, Optional.empty()))
        .isInstanceOf(VolumeException.Invalid.class)
        .hasMessageContaining("volumes of type io2 need iops: from 100 to 10000");
    VolumeType.IO2.requireIops(10, Optional.of(100));
    VolumeType.GP3.requireIops(10, Optional.empty());
  }
}
