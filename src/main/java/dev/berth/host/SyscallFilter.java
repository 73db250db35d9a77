package dev.berth.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A seccomp filter for programs that have to mount, and to speak to strangers: calls of the kernel
 * by which root gets elsewhere, or that programs of this kind never make, fail with EPERM. Whatever
 * needs another process, another namespace, the kernel's own code or its large unsafe corners is
 * denied; mount(2) and umount2(2) are left. A classic BPF program, see seccomp(2); the numbers are
 * those of the kernel's syscall tables (asm/unistd.h).
 *
 * @param program its instructions, each of 8 bytes: code, jt and jf, k, from the lowest bit on
 */
record SyscallFilter(List<Long> program) {
  private static final int LOAD = 0x20;
  private static final int IF_EQUAL = 0x15;
  private static final int IF_AT_LEAST = 0x35;
  private static final int IF_ANY_BIT = 0x45;
  private static final int RETURN = 0x06;

  /** Offsets in struct seccomp_data. */
  private static final int NUMBER = 0;

  private static final int ARCHITECTURE = 4;
  private static final int FIRST_ARGUMENT = 16;

  private static final long ALLOW = 0x7fff_0000L;
  private static final long ERRNO = 0x0005_0000L;
  private static final long EPERM = ERRNO | 1;

  /** What glibc takes as "use clone": its flags lie in memory, where no filter sees them. */
  private static final long ENOSYS = ERRNO | 38;

  private static final int CLONE3 = 435;

  /** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
  private static final long NEW_NAMESPACE = 0x7e02_0000L;

  /** The other table that x86-64 has, x32, begins here. */
  private static final long X32 = 0x4000_0000L;

  /**
   * Of calls that have one number everywhere: io_uring_setup, _enter and _register, open_tree,
   * move_mount, fsopen, fsconfig, fsmount, fspick, pidfd_getfd, process_madvise, mount_setattr,
   * quotactl_fd.
   */
  private static final int[] EVERYWHERE = {
    425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 440, 442, 443
  };

  /** A denied call by its numbers. */
  private record Denied(String name, int x86, int arm) {}

  private static final int NONE = -1;

  private static final List<Denied> DENIED =
      List.of(
          new Denied("ptrace", 101, 117),
          new Denied("process_vm_readv", 310, 270),
          new Denied("process_vm_writev", 311, 271),
          new Denied("kcmp", 312, 272),
          new Denied("kexec_load", 246, 104),
          new Denied("kexec_file_load", 320, 294),
          new Denied("init_module", 175, 105),
          new Denied("finit_module", 313, 273),
          new Denied("delete_module", 176, 106),
          new Denied("bpf", 321, 280),
          new Denied("perf_event_open", 298, 241),
          new Denied("userfaultfd", 323, 282),
          new Denied("add_key", 248, 217),
          new Denied("request_key", 249, 218),
          new Denied("keyctl", 250, 219),
          new Denied("open_by_handle_at", 304, 265),
          new Denied("fanotify_init", 300, 262),
          new Denied("chroot", 161, 51),
          new Denied("pivot_root", 155, 41),
          new Denied("unshare", 272, 97),
          new Denied("setns", 308, 268),
          new Denied("reboot", 169, 142),
          new Denied("swapon", 167, 224),
          new Denied("swapoff", 168, 225),
          new Denied("acct", 163, 89),
          new Denied("quotactl", 179, 60),
          new Denied("settimeofday", 164, 170),
          new Denied("clock_settime", 227, 112),
          new Denied("adjtimex", 159, 171),
          new Denied("clock_adjtime", 305, 266),
          new Denied("sethostname", 170, 161),
          new Denied("setdomainname", 171, 162),
          new Denied("syslog", 103, 116),
          new Denied("vhangup", 153, 58),
          new Denied("lookup_dcookie", 212, 18),
          new Denied("iopl", 172, NONE),
          new Denied("ioperm", 173, NONE),
          new Denied("modify_ldt", 154, NONE));

  SyscallFilter {
    program = List.copyOf(program);
  }

  /** For the processor of this host; empty for one whose numbers are not known here. */
  static Optional<SyscallFilter> ofThisHost() {
    return switch (System.getProperty("os.arch")) {
      case "amd64" -> Optional.of(x86());
      case "aarch64" -> Optional.of(arm());
      default -> Optional.empty();
    };
  }

  static SyscallFilter x86() {
    List<Long> program = start(0xc000_003eL);
    program.add(instruction(IF_AT_LEAST, 0, 1, X32));
    program.add(instruction(RETURN, 0, 0, EPERM));
    DENIED.forEach(call -> refuse(program, call.x86, EPERM));
    return end(program, 56);
  }

  static SyscallFilter arm() {
    List<Long> program = start(0xc000_00b7L);
    DENIED.stream()
        .filter(call -> call.arm != NONE)
        .forEach(call -> refuse(program, call.arm, EPERM));
    return end(program, 220);
  }

  /** Calls by the table of another architecture are denied as a whole. */
  private static List<Long> start(long architecture) {
    List<Long> program = new ArrayList<>();
    program.add(instruction(LOAD, 0, 0, ARCHITECTURE));
    program.add(instruction(IF_EQUAL, 1, 0, architecture));
    program.add(instruction(RETURN, 0, 0, EPERM));
    program.add(instruction(LOAD, 0, 0, NUMBER));
    return program;
  }

  private static void refuse(List<Long> program, int number, long answer) {
    program.add(instruction(IF_EQUAL, 0, 1, number));
    program.add(instruction(RETURN, 0, 0, answer));
  }

  private static SyscallFilter end(List<Long> program, int clone) {
    for (int number : EVERYWHERE) {
      refuse(program, number, EPERM);
    }
    refuse(program, CLONE3, ENOSYS);
    program.add(instruction(IF_EQUAL, 0, 3, clone));
    program.add(instruction(LOAD, 0, 0, FIRST_ARGUMENT));
    program.add(instruction(IF_ANY_BIT, 0, 1, NEW_NAMESPACE));
    program.add(instruction(RETURN, 0, 0, EPERM));
    program.add(instruction(RETURN, 0, 0, ALLOW));
    return new SyscallFilter(program);
  }

  /** As struct sock_filter lies in memory on a little-endian processor. */
  private static long instruction(int code, int ifTrue, int ifFalse, long k) {
    return code | (long) ifTrue << 16 | (long) ifFalse << 24 | k << 32;
  }
}
