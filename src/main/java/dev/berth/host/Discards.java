package dev.berth.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a loop device passes discards on, as holes in its file. The kernel keeps with the device
 * that it does not, whichever file it is over next, and takes nothing but 0 from then on (seen with
 * Linux 6.18): only a new device in its place passes them on again.
 */
public final class Discards {
  private static final Path SYSFS = Path.of("/sys/block");
  private static final String NONE = "0";

  private Discards() {}

  /** From now on the file keeps its space; cannot be had: {@link HostException.Io}. */
  public static void forbid(Path device) {
    try {
      Files.writeString(queue(device, "discard_max_bytes"), NONE);
    } catch (IOException e) {
      throw new HostException.Io("cannot switch discards off for " + device, e);
    }
  }

  /** Whether {@link #forbid} was called for it, by whomever; what cannot be seen is not. */
  static boolean forbidden(Path device) {
    try {
      return read(device, "discard_max_bytes").equals(NONE)
          && !read(device, "discard_max_hw_bytes").equals(NONE);
    } catch (IOException e) {
      return false;
    }
  }

  private static String read(Path device, String fact) throws IOException {
    return Files.readString(queue(device, fact)).strip();
  }

  private static Path queue(Path device, String fact) {
    return SYSFS.resolve(String.valueOf(device.getFileName())).resolve("queue").resolve(fact);
  }
}
