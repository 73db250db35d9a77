package dev.berth.corpus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Labels written from their published formats, where the tool that writes them would need a driver
 * of the kernel or much of a system.
 */
final class DiskLabels {
  private static final int SECTOR = 512;

  private DiskLabels() {}

  /**
   * The label and header of an LVM2 physical volume, as they stand in its second sector: struct
   * label_header and struct pv_header in lib/label/label.h and lib/format_text/layout.h of LVM2.
   */
  static byte[] lvm(long size) {
    ByteBuffer label = littleEndian(SECTOR);
    put(label, 0, "LABELONE");
    label.putLong(8, 1).putInt(20, 32);
    put(label, 24, "LVM2 001");
    put(label, 32, "0123456789abcdefghijklmnopqrstuv");
    label.putLong(64, size);
    long dataArea = 1L << 20;
    label.putLong(72, dataArea).putLong(80, 0);
    label.putLong(104, 4096).putLong(112, dataArea - 4096);
    return bytes(label.putInt(16, lvmChecksum(bytes(label), 20)));
  }

  /** CRC-32 with LVM's own start value, and not inverted: lib/misc/crc.c of LVM2. */
  private static int lvmChecksum(byte[] bytes, int from) {
    int crc = 0xf597a6cf;
    for (int i = from; i < bytes.length; i++) {
      crc ^= bytes[i] & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc >>> 1) ^ ((crc & 1) == 0 ? 0 : 0xedb88320);
      }
    }
    return crc;
  }

  /**
   * A superblock of Linux software RAID, version 1, for {@code offset}: struct mdp_superblock_1 in
   * include/uapi/linux/raid/md_p.h of the kernel.
   */
  static byte[] raid1(long size, long offset) {
    ByteBuffer block = littleEndian(4096);
    block.putInt(0, 0xa92b4efc).putInt(4, 1);
    put(block, 16, "0123456789abcdef");
    put(block, 32, "host:0");
    block.putInt(72, 1).putLong(80, size / SECTOR / 2).putInt(92, 2);
    block.putLong(128, 2048).putLong(136, size / SECTOR / 2).putLong(144, offset / SECTOR);
    put(block, 168, "fedcba9876543210");
    block.putInt(220, 2);
    int used = 256 + 2 * 2;
    long sum = 0;
    for (int word = 0; word < used; word += 4) {
      sum += Integer.toUnsignedLong(block.getInt(word));
    }
    return bytes(block.putInt(216, (int) ((sum & 0xffffffffL) + (sum >>> 32))));
  }

  /** The same of version 0.90: mdp_super_t in the same header. */
  static byte[] raid0(long size) {
    ByteBuffer block = littleEndian(4096);
    block.putInt(0, 0xa92b4efc).putInt(4, 0).putInt(8, 90).putInt(20, 0x01234567);
    block.putInt(28, 1).putInt(32, (int) (size / 1024 - 64)).putInt(36, 2).putInt(40, 2);
    return bytes(block);
  }

  /**
   * The four labels of a ZFS device, each with a ring of 128 uberblocks: ZFS On-Disk Specification,
   * sections 1.2 and 1.3.
   */
  static void writeZfs(Path file, long size) throws IOException {
    ByteBuffer ring = littleEndian(128 << 10);
    for (int slot = 0; slot < 128; slot++) {
      int at = slot << 10;
      ring.putLong(at, 0x00bab10cL).putLong(at + 8, 5000).putLong(at + 16, 100L + slot);
    }
    long label = 256 << 10;
    for (long start : new long[] {0, label, size - 2 * label, size - label}) {
      RawBytes.write(file, start + (128 << 10), bytes(ring));
    }
  }

  private static ByteBuffer littleEndian(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.get(0, bytes);
    return bytes;
  }

  private static void put(ByteBuffer buffer, int offset, String text) {
    buffer.put(offset, text.getBytes(StandardCharsets.US_ASCII));
  }
}
