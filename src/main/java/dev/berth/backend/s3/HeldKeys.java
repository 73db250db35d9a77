package dev.berth.backend.s3;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/**
 * What is known of the keys that a client works with.
 *
 * @param print by which keys are told apart where they are not kept: a digest; empty if they
 *     expire, so that the client gets others in time
 * @param keys empty if an earlier run of Berth gave them
 */
record HeldKeys(String print, Optional<AwsCredentials> keys) {
  private static final int PRINT_BYTES = 16;

  static HeldKeys of(AwsCredentials keys) {
    return new HeldKeys(print(keys), Optional.of(keys));
  }

  /** Of a client that an earlier run of Berth started; empty if nothing is known of its keys. */
  static Optional<HeldKeys> noted(String print) {
    return print.isEmpty() ? Optional.empty() : Optional.of(new HeldKeys(print, Optional.empty()));
  }

  /** Whether they last until they are taken away. */
  boolean lasting() {
    return !print.isEmpty();
  }

  boolean are(AwsCredentials others) {
    return keys.map(others::equals).orElseGet(() -> print.equals(print(others)));
  }

  private static String print(AwsCredentials keys) {
    if (keys.expirationTime().isPresent()) {
      return "";
    }
    String token = keys instanceof AwsSessionCredentials session ? session.sessionToken() : "";
    String text = String.join("\n", keys.accessKeyId(), keys.secretAccessKey(), token);
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, PRINT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Without the keys. */
  @Override
  public String toString() {
    return "keys";
  }
}
