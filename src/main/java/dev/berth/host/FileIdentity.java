package dev.berth.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What a file is, whatever it is called and in whichever mount namespace. The kernel gives an inode
 * to no other file as long as anything has it open.
 *
 * @param filesystem as stat(2) says it; it need not be the number in mountinfo (btrfs)
 */
record FileIdentity(DeviceNumber filesystem, long inode) {
  /** That of the file at {@code path}, links not followed; empty if there is none. */
  static Optional<FileIdentity> of(Path path) {
    try {
      Map<String, Object> facts =
          Files.readAttributes(path, "unix:dev,ino", LinkOption.NOFOLLOW_LINKS);
      return Optional.of(of(number(facts, "dev"), number(facts, "ino")));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new HostException.Io("cannot look at " + path, e);
    }
  }

  /** From the two numbers as the kernel gives them. */
  static FileIdentity of(long filesystem, long inode) {
    return new FileIdentity(DeviceNumber.unpacked(filesystem), inode);
  }

  private static long number(Map<String, Object> facts, String name) {
    return facts.get(name) instanceof Number number ? number.longValue() : 0;
  }

  @Override
  public String toString() {
    return "filesystem %s, inode %d".formatted(filesystem, inode);
  }
}
