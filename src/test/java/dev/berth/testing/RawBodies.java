package dev.berth.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Bodies of requests, few of them right. */
public final class RawBodies {
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "1e400",
          "1.5",
          "[]",
          "{}",
          "[\"a\"]",
          "{\"a\":\"b\"}",
          "\"\"",
          "\" \"",
          "\"\\u0000\"",
          "\"\\ud800\"",
          "\"../../x\"",
          "\"/etc/passwd\"",
          "\"a/b\"",
          "\"$(touch x)\"",
          "NaN",
          "'a'",
          "undefined");
  private static final List<String> ENDS =
      List.of("x", "{}", ",", "]", "\0", "\n\n{\"Name\":\"b\"}", "//", "\ufeff");

  private final Random random;

  public RawBodies(Random random) {
    this.random = random;
  }

  /**
   * A body for calls with these keys, one character for each byte; {@code right} is one that they
   * take.
   */
  public String next(String right, List<String> keys) {
    return new String(bytes(right, keys), ISO_8859_1);
  }

  private byte[] bytes(String right, List<String> keys) {
    return switch (random.nextInt(16)) {
      case 0 -> new byte[0];
      case 1 -> bytes(random.nextInt(200));
      case 2 -> Arrays.copyOf(right.getBytes(UTF_8), random.nextInt(right.length()));
      case 3 -> right.getBytes(random.nextBoolean() ? UTF_16 : UTF_8);
      case 4 -> (right + pick(ENDS)).getBytes(UTF_8);
      case 5 -> ("\ufeff" + right).getBytes(UTF_8);
      case 6 -> nested().getBytes(UTF_8);
      case 7 -> with(right, "\"later\":" + nested()).getBytes(UTF_8);
      case 8 -> with(right, "\"later\":" + "9".repeat(1 + random.nextInt(3000))).getBytes(UTF_8);
      case 9 -> with(right, "\"%s\":\"again\"".formatted(pick(keys))).getBytes(UTF_8);
      case 10 -> invalidUtf8(right);
      case 11 -> " \t\r\n".repeat(random.nextInt(5)).getBytes(UTF_8);
      case 12, 13 -> wrongType(keys).getBytes(UTF_8);
      case 14 -> ("[" + right + "]").getBytes(UTF_8);
      default -> mutated(right.getBytes(UTF_8));
    };
  }

  /** One to four bytes flipped, added, taken away or doubled. */
  public byte[] mutated(byte[] right) {
    byte[] bytes = right;
    for (int times = 1 + random.nextInt(4); times > 0 && bytes.length > 0; times--) {
      int at = random.nextInt(bytes.length);
      byte[] next = new byte[bytes.length + 1];
      System.arraycopy(bytes, 0, next, 0, at);
      System.arraycopy(bytes, at, next, at + 1, bytes.length - at);
      next[at] = (byte) random.nextInt(256);
      bytes =
          switch (random.nextInt(4)) {
            case 0 -> next;
            case 1 -> without(next, at + 1);
            case 2 -> without(bytes, at);
            default -> with(next, at, bytes[at]);
          };
    }
    return bytes;
  }

  private static byte[] without(byte[] bytes, int at) {
    byte[] rest = Arrays.copyOf(bytes, bytes.length - 1);
    System.arraycopy(bytes, at + 1, rest, at, bytes.length - at - 1);
    return rest;
  }

  private static byte[] with(byte[] bytes, int at, byte value) {
    bytes[at] = value;
    return bytes;
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private String nested() {
    String open = random.nextBoolean() ? "[" : "{\"a\":";
    int depth = random.nextBoolean() ? random.nextInt(20) : random.nextInt(60_000);
    String close = random.nextBoolean() ? "" : (open.equals("[") ? "]" : "}").repeat(depth);
    return open.repeat(depth) + "1" + close;
  }

  private static String with(String object, String field) {
    return object.substring(0, object.length() - 1) + "," + field + "}";
  }

  private byte[] invalidUtf8(String right) {
    byte[] bytes = right.getBytes(UTF_8);
    bytes[random.nextInt(bytes.length)] = (byte) (0x80 + random.nextInt(128));
    return bytes;
  }

  private String wrongType(List<String> keys) {
    StringBuilder object = new StringBuilder("{");
    for (String key : keys) {
      if (random.nextInt(4) > 0) {
        object.append(object.length() > 1 ? "," : "");
        object.append('"').append(key).append("\":").append(pick(VALUES));
      }
    }
    return object.append('}').toString();
  }

  private String pick(List<String> choice) {
    return choice.get(random.nextInt(choice.size()));
  }
}
