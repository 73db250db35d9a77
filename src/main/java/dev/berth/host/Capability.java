package dev.berth.host;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** The capabilities that Berth makes use of, see capabilities(7). */
public enum Capability {
  CHOWN(0),
  DAC_OVERRIDE(1),
  FOWNER(3),
  FSETID(4),
  KILL(5),
  SYS_CHROOT(18),
  SYS_PTRACE(19),
  SYS_ADMIN(21),
  SYS_RESOURCE(24);

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String EFFECTIVE = "CapEff:";
  private final int bit;

  Capability(int bit) {
    this.bit = bit;
  }

  /** {@code CAP_SYS_ADMIN}. */
  @Override
  public String toString() {
    return "CAP_" + name();
  }

  /** Those that this process lacks. */
  public static Set<Capability> missing() {
    try {
      return missing(Files.readString(STATUS, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new HostException.Io("cannot read " + STATUS, e);
    }
  }

  /** Those that a process lacks whose status file in /proc this is. */
  static Set<Capability> missing(String status) {
    BigInteger effective =
        status
            .lines()
            .filter(line -> line.startsWith(EFFECTIVE))
            .map(line -> new BigInteger(line.substring(EFFECTIVE.length()).strip(), 16))
            .findFirst()
            .orElse(BigInteger.ZERO);
    return Arrays.stream(values())
        .filter(capability -> !effective.testBit(capability.bit))
        .collect(Collectors.toUnmodifiableSet());
  }
}
