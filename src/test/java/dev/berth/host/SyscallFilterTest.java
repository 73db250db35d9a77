package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the filters as the kernel does, on calls by their numbers. */
class SyscallFilterTest {
  private static final long X86 = 0xc000_003eL;
  private static final long ARM = 0xc000_00b7L;
  private static final long I386 = 0x4000_0003L;
  private static final long ALLOWED = 0x7fff_0000L;
  private static final long EPERM = 0x0005_0001L;
  private static final long ENOSYS = 0x0005_0026L;

  /** read, mount, umount2, execve, prctl, socket; and what comes after the newest that is known. */
  @ParameterizedTest
  @CsvSource({"0,63", "165,40", "166,39", "59,221", "157,167", "41,198", "435000,435000"})
  void whatClientsNeedIsAllowed(int x86, int arm) {
    assertThat(verdict(SyscallFilter.x86(), X86, x86, 0)).isEqualTo(ALLOWED);
    assertThat(verdict(SyscallFilter.arm(), ARM, arm, 0)).isEqualTo(ALLOWED);
  }

  /** ptrace, finit_module, bpf, keyctl, open_by_handle_at, setns, unshare, move_mount. */
  @ParameterizedTest
  @CsvSource({
    "101,117", "313,273", "321,280", "250,219", "304,265", "308,268", "272,97", "429,429"
  })
  void whatLeadsElsewhereIsDenied(int x86, int arm) {
    assertThat(verdict(SyscallFilter.x86(), X86, x86, 0)).isEqualTo(EPERM);
    assertThat(verdict(SyscallFilter.arm(), ARM, arm, 0)).isEqualTo(EPERM);
  }

  @Test
  void aThreadMayBeMadeAndANamespaceNot() {
    for (long flags : new long[] {0x003d_0f00L, 0x0120_0011L, 0x4111L}) {
      assertThat(verdict(SyscallFilter.x86(), X86, 56, flags)).isEqualTo(ALLOWED);
      assertThat(verdict(SyscallFilter.arm(), ARM, 220, flags)).isEqualTo(ALLOWED);
    }
    for (long namespace = 0x0200_0000L; namespace <= 0x4000_0000L; namespace <<= 1) {
      assertThat(verdict(SyscallFilter.x86(), X86, 56, namespace | 17)).isEqualTo(EPERM);
      assertThat(verdict(SyscallFilter.arm(), ARM, 220, namespace | 17)).isEqualTo(EPERM);
    }
    assertThat(verdict(SyscallFilter.x86(), X86, 56, 0x0002_0000L)).isEqualTo(EPERM);
    assertThat(verdict(SyscallFilter.x86(), X86, 435, 0)).as("clone3").isEqualTo(ENOSYS);
  }

  @Test
  void anotherTableOfCallsIsNoWayRound() {
    assertThat(verdict(SyscallFilter.x86(), I386, 3, 0)).isEqualTo(EPERM);
    assertThat(verdict(SyscallFilter.x86(), X86, 0x4000_0000L | 101, 0)).isEqualTo(EPERM);
    assertThat(verdict(SyscallFilter.arm(), X86, 63, 0)).isEqualTo(EPERM);
  }

  private static long verdict(SyscallFilter filter, long architecture, long number, long first) {
    List<Long> program = filter.program();
    long accumulator = 0;
    for (int at = 0; at < program.size(); at++) {
      long instruction = program.get(at);
      long k = instruction >>> 32;
      int ifTrue = (int) (instruction >> 16) & 0xff;
      int ifFalse = (int) (instruction >> 24) & 0xff;
      switch ((int) (instruction & 0xffff)) {
        case 0x20 -> accumulator = k == 0 ? number : k == 4 ? architecture : first;
        case 0x15 -> at += accumulator == k ? ifTrue : ifFalse;
        case 0x35 -> at += accumulator >= k ? ifTrue : ifFalse;
        case 0x45 -> at += (accumulator & k) != 0 ? ifTrue : ifFalse;
        case 0x06 -> {
          return k;
        }
        default -> throw new AssertionError("an instruction of no known code");
      }
    }
    throw new AssertionError("the program has no end");
  }
}
