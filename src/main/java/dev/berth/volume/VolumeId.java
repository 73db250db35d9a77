package dev.berth.volume;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What tells a volume from an earlier one of the same name: 16 random hexadecimal digits, made once
 * when the volume is created. Names of files and tokens of cloud calls derive from it, so a
 * repeated create never makes a second volume.
 */
public record VolumeId(String value) {
  private static final Pattern VALID = Pattern.compile("[0-9a-f]{16}");
  private static final SecureRandom RANDOM = new SecureRandom();

  public VolumeId {
    if (!VALID.matcher(value).matches()) {
      throw new IllegalArgumentException("not a volume id: " + value);
    }
  }

  public static VolumeId random() {
    byte[] bytes = new byte[8];
    RANDOM.nextBytes(bytes);
    return new VolumeId(HexFormat.of().formatHex(bytes));
  }

  /** Another one, always the same for the same {@code purpose}. */
  public VolumeId derived(String purpose) {
    byte[] seed = (value + purpose).getBytes(StandardCharsets.UTF_8);
    return new VolumeId(UUID.nameUUIDFromBytes(seed).toString().replace("-", "").substring(0, 16));
  }

  @Override
  public String toString() {
    return value;
  }
}
