package dev.berth.testing;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Names of volumes and options, in every form that a JSON text can have; a good part is right. */
public final class RawOptions {
  private static final List<String> NAMES =
      List.of(
          "",
          ".",
          "..",
          "../x",
          "a/b",
          "/etc/passwd",
          "-v",
          "_x",
          "a b",
          "a\0b",
          "a\nb",
          "ä",
          "a%2fb",
          "$(touch x)",
          "`x`",
          "a;b",
          "a\u202eb",
          "\ud83d\ude00",
          "a\ud800",
          "con",
          "A.-_9",
          "x.img");
  private static final List<String> KEYS =
      List.of(
          "size",
          "SIZE",
          "si_ze",
          "fsType",
          "fs-type",
          "mountOptions",
          "blockSize",
          "inodeSize",
          "uid",
          "gid",
          "mode",
          "onRemove",
          "backend",
          "label.a",
          "label.",
          "label",
          "snapshotId",
          "sourceVolume",
          "size.x",
          "",
          ".",
          "unknown",
          "a\nb",
          "=",
          "size=1");
  private static final List<String> VALUES =
      List.of(
          "64MiB",
          "67108864b",
          "0.1g",
          "1",
          "0",
          "-1",
          "1e9",
          "0x10",
          "9999999999999999999",
          "8388608TiB",
          "8388607.999TiB",
          "9tib",
          "1.5",
          "1.0001g",
          "NaN",
          "64 MiB",
          " 64MiB ",
          "64MiB\n",
          "64miB;rm",
          "٦٤",
          "ext4",
          "xfs",
          "btrfs",
          "EXT4",
          "ntfs",
          "ro",
          "noatime,ro",
          "noatime,,ro",
          "suid",
          "dev",
          "bind",
          "loop=/dev/sda",
          "context=\"a,b\"",
          "-o",
          "--help",
          "0755",
          "755",
          "4777",
          "99999",
          "4096",
          "1024",
          "3000",
          "delete",
          "retain",
          "snapshot",
          "ebs",
          "loop",
          "../x",
          "/etc/passwd",
          "snap-../../x",
          "opts1",
          "",
          "null",
          "\0",
          "\u202e",
          "é");

  private final Random random;

  public RawOptions(Random random) {
    this.random = random;
  }

  public String name() {
    return switch (random.nextInt(4)) {
      case 0 -> "x".repeat(random.nextInt(200));
      case 1 -> noise(1 + random.nextInt(40));
      default -> NAMES.get(random.nextInt(NAMES.size()));
    };
  }

  /** Mostly one to three options. */
  public Map<String, String> next() {
    Map<String, String> options = new TreeMap<>();
    if (random.nextBoolean()) {
      options.put(
          "size", random.nextInt(1, 70_000) + List.of("KiB", "m", "MiB").get(random.nextInt(3)));
    }
    for (int more = random.nextInt(3); more > 0; more--) {
      options.put(key(), value());
    }
    for (int more = random.nextInt(200) == 0 ? 2_000 : 0; more > 0; more--) {
      options.put("label." + more, "v");
    }
    return options;
  }

  private String key() {
    return random.nextInt(20) == 0
        ? noise(random.nextInt(3_000))
        : KEYS.get(random.nextInt(KEYS.size()));
  }

  private String value() {
    return random.nextInt(20) == 0
        ? noise(random.nextInt(3_000))
        : VALUES.get(random.nextInt(VALUES.size()));
  }

  private String noise(int length) {
    StringBuilder text = new StringBuilder();
    random
        .ints(length, 0, Character.MAX_CODE_POINT + 1)
        .map(next -> next % 3 == 0 ? next : next % 128)
        .forEach(text::appendCodePoint);
    return text.toString();
  }
}
