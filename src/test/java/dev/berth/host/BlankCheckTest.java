package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** What is read of a device that has no file behind it; here a file plays the device. */
class BlankCheckTest {
  private static final long SMALL = 8L << 20;
  private static final long WHOLE = 1L << 30;
  private static final long LARGE = 3L << 30;

  /** Not asked anything: only the file behind a device is. */
  private final BlankCheck check = new BlankCheck(new ProcessCommandRunner(""));

  @Property(tries = 50)
  void aSmallDeviceIsReadToTheLastByte(
      @ForAll @LongRange(max = SMALL - 1) long offset,
      @ForAll @LongRange(min = 1, max = 255) long data)
      throws IOException {
    assertThat(firstData(SMALL, offset, (byte) data)).hasValue(offset);
  }

  @Property(tries = 3)
  void oneGibibyteIsReadToTheLastByte(@ForAll @LongRange(max = WHOLE - 1) long offset)
      throws IOException {
    assertThat(firstData(WHOLE, offset, new byte[] {1})).hasValue(offset);
  }

  /**
   * The promise for larger devices: whatever covers a 1,024th of one, and a sample more, is seen.
   */
  @Property(tries = 10)
  void ofALargeDeviceWhateverCoversA1024thIsSeen(
      @ForAll @LongRange(max = LARGE - (LARGE / 1024) - 8192) long offset) throws IOException {
    byte[] data = new byte[(int) (LARGE / 1024) + 8192];
    java.util.Arrays.fill(data, (byte) 1);
    assertThat(firstData(LARGE, offset, data)).isPresent();
  }

  @Property(tries = 10)
  void ofALargeDeviceTheEdgesAreSeenToTheLastByte(@ForAll @LongRange(max = (1 << 20) - 1) long edge)
      throws IOException {
    assertThat(firstData(LARGE, edge, (byte) 1)).hasValue(edge);
    assertThat(firstData(LARGE, LARGE - 1 - edge, (byte) 1)).hasValue(LARGE - 1 - edge);
  }

  @Property(tries = 1)
  void zerosAreBlank() throws IOException {
    assertThat(firstData(SMALL, 0)).isEmpty();
    assertThat(firstData(LARGE, 0)).isEmpty();
  }

  @Property(tries = 1)
  void aDeviceThatEndsEarlyIsNoAnswer() throws IOException {
    Path file = Files.createTempFile("berth-blank", "");
    try {
      BlockDevice device = new BlockDevice(file, new DeviceNumber(0, 0), SMALL);
      assertThatThrownBy(() -> check.firstData(device))
          .isInstanceOf(HostException.Io.class)
          .hasMessageContaining("it ends before byte");
    } finally {
      Files.delete(file);
    }
  }

  /** The collector need not come by for it: many first mounts at once would run into its limit. */
  @Property(tries = 1)
  void aCheckGivesItsMemoryBackWhenItEnds() throws IOException {
    firstData(SMALL, 0);
    long before = directMemory();
    for (int check = 0; check < 8; check++) {
      firstData(SMALL, 0);
    }
    assertThat(directMemory() - before).isLessThan(1L << 20);
  }

  private static long directMemory() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  private OptionalLong firstData(long size, long offset, byte... data) throws IOException {
    Path file = Files.createTempFile("berth-blank", "");
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(size);
      open.seek(offset);
      open.write(data);
      return check.firstData(new BlockDevice(file, new DeviceNumber(0, 0), size));
    } finally {
      Files.delete(file);
    }
  }
}
