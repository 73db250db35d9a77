package dev.berth.ec2sim.query;

import java.util.Map;

/** An answer that is an error. */
public final class Ec2Error extends RuntimeException {
  private static final Map<String, Integer> STATUS =
      Map.ofEntries(
          Map.entry("AuthFailure", 401),
          Map.entry("UnauthorizedOperation", 403),
          Map.entry("DryRunOperation", 412),
          Map.entry("InternalError", 500),
          Map.entry("InternalFailure", 500),
          Map.entry("InsufficientVolumeCapacity", 500),
          Map.entry("RequestLimitExceeded", 503),
          Map.entry("ServiceUnavailable", 503),
          Map.entry("Unavailable", 503));

  private final String code;

  public Ec2Error(String code, String message) {
    super(message);
    this.code = code;
  }

  public static Ec2Error invalidValue(String message) {
    return new Ec2Error("InvalidParameterValue", message);
  }

  public static Ec2Error invalidCombination(String message) {
    return new Ec2Error("InvalidParameterCombination", message);
  }

  /** What the service says when {@code code} comes out of nowhere. */
  public static Ec2Error injected(String code) {
    return new Ec2Error(code, "injected " + code);
  }

  public String code() {
    return code;
  }

  /** The HTTP status the service sends with this code. */
  public int status() {
    return STATUS.getOrDefault(code, 400);
  }

  /** The document that says so. */
  public String toXml(String requestId) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>%s</RequestID></Response>"
        .formatted(Xml.escape(code), Xml.escape(String.valueOf(getMessage())), requestId);
  }
}
