package dev.berth.corpus;

import static dev.berth.corpus.RawBytes.at;
import static dev.berth.corpus.RawBytes.onlyAt;
import static dev.berth.corpus.RawBytes.zeroed;
import static dev.berth.corpus.ToolImages.run;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.berth.corpus.ForeignImage.Writer;
import java.util.Random;
import java.util.stream.Stream;

/** The table. */
final class ForeignImages {
  static final String SIZE = "64MiB";
  private static final long BYTES = 64L << 20;

  /** mke2fs(8): the first copy of the superblock, with blocks of 1 KiB. */
  private static final long EXT_BACKUP = 8193L << 10;

  /** Where no sample of a device of this size lies. */
  private static final int FAR_INSIDE = 33_574_939;

  private ForeignImages() {}

  static Stream<ForeignImage> all() {
    return Stream.of(filesystems(), damaged(), containers(), partitions(), raw())
        .flatMap(images -> images);
  }

  private static Stream<ForeignImage> filesystems() {
    return Stream.of(
        signature("ext2", run("mke2fs", "-q", "-F", "-t", "ext2")),
        signature("ext3", run("mke2fs", "-q", "-F", "-t", "ext3")),
        signature("ext4", run("mke2fs", "-q", "-F", "-t", "ext4")),
        new ForeignImage(
            "ext4 with files in it", SIZE, ToolImages::ext4WithFiles, "a signature of ext4"),
        new ForeignImage("xfs", "320MiB", run("mkfs.xfs", "-q"), "a signature of xfs"),
        new ForeignImage("btrfs", "128MiB", run("mkfs.btrfs", "-q"), "a signature of btrfs"),
        signature("squashfs", ToolImages::squashfs),
        signature("iso9660", ToolImages::iso),
        signature("swap", run("mkswap", "-q")));
  }

  private static Stream<ForeignImage> damaged() {
    return Stream.of(
        new ForeignImage(
            "ext4 whose superblock is zeroed",
            SIZE,
            zeroed(ToolImages::ext4WithFiles, 1024, 1024),
            "there is data at byte 2048"),
        new ForeignImage(
            "ext4 whose magic number is gone",
            SIZE,
            zeroed(ToolImages::ext4WithFiles, 1024 + 0x38, 2),
            "there is data at byte 1025"),
        new ForeignImage(
            "ext4 of which only a backup superblock is left",
            SIZE,
            onlyAt(ToolImages::ext4WithFiles, EXT_BACKUP, 1024),
            "there is data at byte " + (EXT_BACKUP + 1)),
        new ForeignImage(
            "xfs of which only a backup superblock is left",
            "320MiB",
            onlyAt(run("mkfs.xfs", "-q"), 80L << 20, 512),
            "there is data at byte " + (80L << 20)),
        new ForeignImage(
            "btrfs of which only a mirror superblock is left",
            "128MiB",
            onlyAt(run("mkfs.btrfs", "-q"), 64L << 20, 4096),
            "there is data at byte 671088"));
  }

  private static Stream<ForeignImage> containers() {
    return Stream.of(
        signature("crypto_LUKS", ToolImages.luks("luks2")),
        new ForeignImage(
            "LUKS version 1", SIZE, ToolImages.luks("luks1"), "a signature of crypto_LUKS"),
        new ForeignImage(
            "LUKS of which only the second header is left",
            SIZE,
            zeroed(ToolImages.luks("luks2"), 0, 16 << 10),
            "a signature of crypto_LUKS"),
        signature("LVM2_member", at(512, DiskLabels.lvm(BYTES))),
        new ForeignImage(
            "RAID with its label near the start, version 1.2",
            SIZE,
            at(4096, DiskLabels.raid1(BYTES, 4096)),
            "a signature of linux_raid_member"),
        new ForeignImage(
            "RAID with its label at the end, version 1.0",
            SIZE,
            at(BYTES - 8192, DiskLabels.raid1(BYTES, BYTES - 8192)),
            "a signature of linux_raid_member"),
        new ForeignImage(
            "RAID with the old label at the end, version 0.90",
            SIZE,
            at(BYTES - (64 << 10), DiskLabels.raid0(BYTES)),
            "a signature of linux_raid_member"),
        signature("zfs_member", file -> DiskLabels.writeZfs(file, BYTES)));
  }

  private static Stream<ForeignImage> partitions() {
    return Stream.of(
        new ForeignImage(
            "MBR",
            SIZE,
            ToolImages.sfdisk("label: dos\nsize=10M, type=83\n"),
            "a signature of dos"),
        new ForeignImage(
            "GPT", SIZE, ToolImages.sfdisk("label: gpt\nsize=10M\n"), "a signature of gpt"),
        new ForeignImage(
            "GPT of which only the copy at the end is left",
            SIZE,
            zeroed(ToolImages.sfdisk("label: gpt\nsize=10M\n"), 0, 1 << 20),
            "a signature of gpt"));
  }

  private static Stream<ForeignImage> raw() {
    byte[] random = new byte[(int) BYTES];
    new Random(4).nextBytes(random);
    byte[] few = new byte[512];
    System.arraycopy(random, 0, few, 0, few.length);
    return Stream.of(
        data("random bytes all over", 0, random),
        data("random bytes in one sector far inside", FAR_INSIDE, few),
        data("text", 0, "no signature of anything".getBytes(US_ASCII)),
        data("one byte at the start", 0, new byte[] {1}),
        data("one byte far inside", FAR_INSIDE, new byte[] {1}),
        data("one bit far inside", FAR_INSIDE + 1, new byte[] {(byte) 0x80}),
        data("one byte at the very end", BYTES - 1, new byte[] {1}));
  }

  private static ForeignImage signature(String type, Writer writer) {
    return new ForeignImage(type, SIZE, writer, "a signature of " + type);
  }

  private static ForeignImage data(String name, long offset, byte[] bytes) {
    return new ForeignImage(name, SIZE, at(offset, bytes), "there is data at byte " + offset);
  }
}
