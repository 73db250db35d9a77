package dev.berth.backend.ebs;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Why a call of EC2's did not succeed. Never leaves this package. */
final class CloudException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Outcome outcome;
  private final String call;
  private final String code;

  /**
   * @param call e.g. {@code AttachVolume}
   * @param code EC2's, or the kind of failure if there was no answer
   * @param message for people
   */
  CloudException(
      Outcome outcome, String call, String code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.outcome = outcome;
    this.call = call;
    this.code = code;
  }

  Outcome outcome() {
    return outcome;
  }

  String call() {
    return call;
  }

  String code() {
    return code;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
