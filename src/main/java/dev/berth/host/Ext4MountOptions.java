package dev.berth.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The mount options in the superblock of an ext4 filesystem, which the kernel applies before those
 * it is given.
 *
 * @see <a href="https://docs.kernel.org/filesystems/ext4/super.html">s_mount_opts</a>
 */
public final class Ext4MountOptions {
  private static final int OFFSET = 1024 + 0x200;
  private static final int LENGTH = 64;

  private Ext4MountOptions() {}

  /** Separated by commas; an empty text if there are none. */
  public static String read(Path device) {
    ByteBuffer field = ByteBuffer.allocate(LENGTH);
    try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
      while (field.hasRemaining() && channel.read(field, OFFSET + field.position()) >= 0) {}
    } catch (IOException e) {
      throw new HostException.Io("cannot read the superblock on " + device, e);
    }
    String text = new String(field.array(), StandardCharsets.ISO_8859_1);
    int end = text.indexOf(0);
    return end < 0 ? text : text.substring(0, end);
  }
}
