package dev.berth.ledger;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.berth.volume.BackendName;
import dev.berth.volume.BackendRef;
import dev.berth.volume.ByteSize;
import dev.berth.volume.Content;
import dev.berth.volume.HostId;
import dev.berth.volume.MountId;
import dev.berth.volume.VolumeId;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.util.List;
import java.util.SortedMap;

/**
 * Volumes and claims as JSON texts, the form in which every ledger keeps them. Fields that a newer
 * Berth added are ignored by an older one; a text that is not a record is an {@link
 * IllegalArgumentException}.
 */
public final class RecordCodec {
  private static final JsonMapper MAPPER = mapper();

  private RecordCodec() {}

  public static String write(Object row) {
    try {
      return MAPPER.writeValueAsString(row);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record cannot be written as JSON", e);
    }
  }

  public static <R> R read(String text, Class<R> type) {
    try {
      return MAPPER.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not a %s: %s".formatted(type.getSimpleName(), e.getOriginalMessage()), e);
    }
  }

  private static JsonMapper mapper() {
    JsonMapper.Builder builder =
        JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .addMixIn(VolumeState.class, StateMixin.class)
            .addMixIn(Content.class, ContentMixin.class)
            .addMixIn(VolumeOptions.class, OptionsMixin.class)
            .addMixIn(ByteSize.class, BytesMixin.class);
    for (Class<?> text :
        List.of(
            VolumeName.class,
            VolumeId.class,
            BackendName.class,
            BackendRef.class,
            HostId.class,
            MountId.class)) {
      builder.addMixIn(text, TextMixin.class);
    }
    return builder.build();
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "state")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = VolumeState.Creating.class, name = "creating"),
    @JsonSubTypes.Type(value = VolumeState.Ready.class, name = "ready"),
    @JsonSubTypes.Type(value = VolumeState.Deleting.class, name = "deleting")
  })
  private interface StateMixin {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "content")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Content.Unmanaged.class, name = "unmanaged"),
    @JsonSubTypes.Type(value = Content.Blank.class, name = "blank"),
    @JsonSubTypes.Type(value = Content.Formatting.class, name = "formatting"),
    @JsonSubTypes.Type(value = Content.Formatted.class, name = "formatted"),
    @JsonSubTypes.Type(value = Content.Copied.class, name = "copied"),
    @JsonSubTypes.Type(value = Content.Foreign.class, name = "foreign")
  })
  private interface ContentMixin {}

  /** One value, written as itself. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  @SuppressWarnings("unused")
  private abstract static class TextMixin {
    @JsonCreator
    TextMixin(String value) {}

    @JsonValue
    abstract String value();
  }

  @SuppressWarnings("unused")
  private abstract static class BytesMixin {
    @JsonCreator
    BytesMixin(long bytes) {}

    @JsonValue
    abstract long bytes();
  }

  @SuppressWarnings("unused")
  private abstract static class OptionsMixin {
    @JsonCreator
    OptionsMixin(SortedMap<String, String> texts) {}

    @JsonValue
    abstract SortedMap<String, String> texts();
  }
}
