package dev.berth.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Bytes for Berth's socket.
 *
 * @param call the path that is called, e.g. {@code VolumeDriver.Get}
 * @param body what the request carries, apart from how it is framed
 */
public record RawRequest(Form form, String call, byte[] body, byte[] bytes) {
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

  /** The bytes, readable. */
  @Override
  public String toString() {
    String text = new String(bytes, ISO_8859_1).replace("\r", "\\r").replace("\n", "\\n");
    return form + " " + (text.length() > 1500 ? text.substring(0, 1500) + "…" : text);
  }
}
