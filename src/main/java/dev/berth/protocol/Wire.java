package dev.berth.protocol;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every JSON object of the protocol, with Docker's own names. Requests may lack any field; answers
 * lack none.
 */
final class Wire {
  static final String MEDIA_TYPE = "application/vnd.docker.plugins.v1.2+json";

  private Wire() {}

  /**
   * Body of all calls about one volume. {@code ID} comes with Mount and Unmount, {@code Opts} with
   * Create.
   */
  record Request(
      @JsonProperty("Name") @Nullable String name,
      @JsonProperty("ID") @Nullable String id,
      @JsonProperty("Opts") @Nullable Map<String, @Nullable String> opts) {}

  /** What an answer is; {@link ReplyWriter} writes it whole. */
  sealed interface Reply {}

  record Activated(@JsonProperty("Implements") List<String> subsystems) implements Reply {}

  record Done(@JsonProperty("Err") String err) implements Reply {
    static final Done OK = new Done("");
  }

  /** What {@code /v1} answers with instead. */
  record Refused(@JsonProperty("error") String error) implements Reply {}

  /** The error for whoever called {@code path}. */
  static Reply refusal(String path, String why) {
    return path.startsWith("/v1") ? new Refused(why) : new Done(why);
  }

  record Mounted(@JsonProperty("Mountpoint") String mountpoint, @JsonProperty("Err") String err)
      implements Reply {}

  record Found(@JsonProperty("Volume") Described volume, @JsonProperty("Err") String err)
      implements Reply {}

  /**
   * {@code CreatedAt} is RFC 3339 with a zone: any other form makes the engine forget the volume.
   */
  record Described(
      @JsonProperty("Name") String name,
      @JsonProperty("Mountpoint") String mountpoint,
      @JsonProperty("CreatedAt") String createdAt,
      @JsonProperty("Status") @JsonInclude(JsonInclude.Include.ALWAYS)
          Map<String, Object> status) {}

  record Listed(@JsonProperty("Volumes") List<Entry> volumes, @JsonProperty("Err") String err)
      implements Reply {}

  record Entry(@JsonProperty("Name") String name, @JsonProperty("Mountpoint") String mountpoint) {}

  record Capable(
      @JsonProperty("Capabilities") Capabilities capabilities, @JsonProperty("Err") String err)
      implements Reply {}

  record Capabilities(@JsonProperty("Scope") String scope) {}
}
