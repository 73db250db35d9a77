package dev.berth.volume;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why Berth did not do what it was asked. The message is for people: what happened, to which
 * volume, on which host, what to do next. Adapters translate foreign errors into these in one class
 * each.
 */
public abstract sealed class VolumeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private VolumeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** The request itself is wrong; the same request will never succeed. */
  public static final class Invalid extends VolumeException {
    private static final long serialVersionUID = 1L;

    public Invalid(String message) {
      super(message, null);
    }

    public Invalid(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** There is no such volume or snapshot. */
  public static final class NotFound extends VolumeException {
    private static final long serialVersionUID = 1L;

    public NotFound(String message) {
      super(message, null);
    }
  }

  /** What is there contradicts the request, or it changed while the request was carried out. */
  public static final class Conflict extends VolumeException {
    private static final long serialVersionUID = 1L;

    public Conflict(String message) {
      super(message, null);
    }
  }

  /** Something else is being done with the volume; the same request may be repeated. */
  public static final class Busy extends VolumeException {
    private static final long serialVersionUID = 1L;

    public Busy(String message) {
      super(message, null);
    }
  }

  /** A process, a container or another host uses the volume. */
  public static final class InUse extends VolumeException {
    private static final long serialVersionUID = 1L;

    public InUse(String message) {
      super(message, null);
    }

    public InUse(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** To go on could destroy data. */
  public static final class Refused extends VolumeException {
    private static final long serialVersionUID = 1L;

    public Refused(String message) {
      super(message, null);
    }

    public Refused(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The host, a tool or the cloud could not do it, and it is known that it was not done. */
  public static final class Failed extends VolumeException {
    private static final long serialVersionUID = 1L;

    public Failed(String message) {
      super(message, null);
    }

    public Failed(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** It has begun, and is neither done nor undone: the same request carries it on. */
  public static final class InProgress extends VolumeException {
    private static final long serialVersionUID = 1L;

    public InProgress(String message) {
      super(message, null);
    }

    public InProgress(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Whether it was done is not known: look again before anything else. Never to be shown as a "no".
   */
  public static final class UnknownOutcome extends VolumeException {
    private static final long serialVersionUID = 1L;

    public UnknownOutcome(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
