package dev.berth.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Bytes for Berth's socket.
 *
 * @param call the path that is called, e.g. {@code VolumeDriver.Get}
 * @param body what the request carries, apart from how it is framed; one character for each byte
 * @param text all of it; one character for each byte
 */
public record RawRequest(Form form, String call, String body, String text) {
  private static final int SHOWN = 500;

  /** What the bytes are, whatever the body says. */
  public enum Form {
    /** One request, whole: one answer. */
    WHOLE,
    /** One request, whole, that no call gets to see: one refusal, and the connection is closed. */
    REFUSED,
    /** The beginning of a request: no answer. */
    PART,
    /** Anything. */
    UNKNOWN
  }

  public byte[] bytes() {
    return text.getBytes(ISO_8859_1);
  }

  /** The bytes, readable. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder(form + " ");
    text.chars()
        .limit(SHOWN)
        .forEach(
            next ->
                line.append(
                    next < ' ' || next > '~' ? "\\x%02x".formatted(next) : (char) next + ""));
    return line.append(text.length() > SHOWN ? "…" : "").toString();
  }
}
