package dev.berth.backend.ebs.ec2;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Why a call of EC2's did not succeed. Never leaves the {@code ebs} backend. */
public final class CloudException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final Outcome outcome;
  private final String call;
  private final String code;

  /**
   * @param call e.g. {@code AttachVolume}
   * @param code EC2's, or the kind of failure if there was no answer
   * @param message for people
   */
  public CloudException(
      Outcome outcome, String call, String code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.outcome = outcome;
    this.call = call;
    this.code = code;
  }

  public Outcome outcome() {
    return outcome;
  }

  /** Whether there were no credentials to ask with. */
  public boolean noCredentials() {
    return code.equals(Ec2Errors.NO_CREDENTIALS_CODE);
  }

  public String call() {
    return call;
  }

  public String code() {
    return code;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
