package dev.berth.backend;

import dev.berth.volume.Option;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Values for any option: some that others take, some that a tool, a path, a URL or an argument list
 * reads as something else, and some of chance, in the letters that options allow. A size is either
 * small or more than there is, so that no disk is filled.
 */
final class AnyValues {
  private static final List<String> TAKEN =
      List.of(
          "true",
          "false",
          "TRUE",
          "0",
          "1",
          "-1",
          "100",
          "200",
          "300",
          "1024",
          "3000",
          "4096",
          "2147483647",
          "2147483648",
          "4294967294",
          "4294967295",
          "9223372036854775808",
          "64MiB",
          "1GiB",
          "8388607.999TiB",
          "16384PiB",
          "ext4",
          "xfs",
          "btrfs",
          "gp2",
          "io2",
          "st1",
          "standard",
          "noatime",
          "ro",
          "ro,rw",
          "commit=5,commit=30",
          "0755",
          "07777",
          "delete",
          "retain",
          "snapshot",
          "loop",
          "ebs",
          "s3",
          "s3fs",
          "rclone",
          "mount-s3",
          "AES256",
          "aws:kms",
          "GLACIER",
          "us-east-1",
          "eu-west-1a",
          "vol-0123456789abcdef0",
          "snap-0123456789abcdef0",
          "alias/key",
          "default",
          "absent");
  private static final List<String> HOSTILE =
      List.of(
          "",
          " ",
          ".",
          "..",
          "a..b",
          "a.-b",
          "a-.b",
          "xn--a",
          "1.2.3.4",
          "-a",
          "a-",
          "a_b",
          "a/b",
          "a//b",
          "../x",
          "/etc/passwd",
          "~",
          "%",
          "%2f",
          "%zz",
          "a,b",
          "a=b",
          "a:b",
          "a;b",
          "$(x)",
          "--help",
          "-o",
          "[::1]",
          "http://",
          "http://a..b",
          "http://127.0.0.1:1",
          "https://[fe80::1%25lo]",
          "http://a:99999",
          "file:///x",
          "x".repeat(63),
          "x".repeat(64),
          "a.".repeat(31) + "a",
          "x".repeat(1024),
          "\ud83d\ude00",
          "\ud800",
          "ä",
          "\u0660",
          "NaN",
          "1e9",
          "0x10",
          "+1",
          " 1 ");
  private static final int CHANCE = 12;
  private static final int LONGEST = 70;
  private static final String LETTERS = "aabcz0019..--__//::=,@+ ";

  private AnyValues() {}

  static List<String> of(Option<?> option, Random random) {
    List<String> values = new ArrayList<>(TAKEN);
    values.addAll(HOSTILE);
    for (int i = 0; i < CHANCE; i++) {
      values.add(chance(random));
    }
    // What a copy or a tag begins with is likely to pass the first look.
    values.add(option.name());
    return values;
  }

  private static String chance(Random random) {
    StringBuilder value = new StringBuilder();
    for (int length = 1 + random.nextInt(LONGEST); length > 0; length--) {
      value.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return value.toString();
  }
}
