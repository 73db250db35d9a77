package dev.berth.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The time from one start of this host to the next. */
public final class Boot {
  private static final Path ID = Path.of("/proc/sys/kernel/random/boot_id");

  private Boot() {}

  /** Another one after each start of the host. */
  public static String id() {
    try {
      return Files.readString(ID).strip();
    } catch (IOException e) {
      throw new HostException.Io("cannot read " + ID, e);
    }
  }
}
