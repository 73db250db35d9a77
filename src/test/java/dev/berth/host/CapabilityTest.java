package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CapabilityTest {
  @Test
  void whatIsMissingIsReadFromTheEffectiveSet() {
    assertThat(Capability.missing("Name:\tjava\nCapPrm:\t0\nCapEff:\t000001ffffffffff\n"))
        .isEmpty();
    assertThat(Capability.missing("CapPrm:\t000001ffffffffff\nCapEff:\t000001fffff7ffff\n"))
        .containsExactly(Capability.SYS_PTRACE);
    assertThat(Capability.missing("CapEff:\t0000000000000000\n")).hasSize(9);
    assertThat(Capability.missing("")).contains(Capability.SYS_ADMIN);
    assertThat(Capability.SYS_ADMIN).hasToString("CAP_SYS_ADMIN");
  }
}
