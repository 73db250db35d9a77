package dev.berth.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every JSON object of {@code /v1}. Sizes are in bytes, times RFC 3339; what is not known is left
 * out.
 */
public final class AdminWire {
  private AdminWire() {}

  /**
   * {@code heldBy} says who keeps it mounted although no mount id is left; {@code discardedFiles}
   * is in the answer to a release with {@code discard} only.
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record VolumeView(
      String name,
      String backend,
      String state,
      @Nullable Long size,
      @Nullable Long used,
      @Nullable String filesystem,
      boolean mounted,
      String mountpoint,
      @Nullable String device,
      @Nullable String owner,
      List<String> holders,
      Map<String, String> options,
      String createdAt,
      @Nullable ClientView client,
      @Nullable String heldBy,
      @Nullable String warning,
      @Nullable String lastError,
      @Nullable Integer discardedFiles) {
    VolumeView withDiscarded(int files) {
      return new VolumeView(
          name,
          backend,
          state,
          size,
          used,
          filesystem,
          mounted,
          mountpoint,
          device,
          owner,
          holders,
          options,
          createdAt,
          client,
          heldBy,
          warning,
          lastError,
          files);
    }
  }

  /** The process that serves a mount; {@code lastError} may be one it has recovered from. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ClientView(
      String program,
      long pid,
      String state,
      int restarts,
      @Nullable Long cacheUsed,
      @Nullable String lastError) {}

  public record SnapshotView(
      String id,
      String volume,
      String backend,
      @Nullable String filesystem,
      long size,
      String createdAt) {}

  /** {@code size} is a text such as {@code 20GiB}. */
  public record GrowRequest(@Nullable String size) {}

  public record ReleaseRequest(boolean force, boolean discard) {}

  public record VersionView(String version) {}

  /**
   * {@code severity} is {@code ok}, {@code warning} or {@code error}; {@code message} says what to
   * do.
   */
  public record FindingView(String check, String severity, String message) {}

  public record ErrorView(String error) {}
}
