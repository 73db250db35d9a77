package dev.berth.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.berth.volume.VolumeException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads request bodies: one JSON object, whole, each key once, each value of its own type. */
final class AdminReader {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private AdminReader() {}

  /** Anything else, and an empty body, is {@link VolumeException.Invalid}. */
  static <T> T read(byte @Nullable [] body, Class<T> type) {
    try {
      byte[] bytes = Objects.requireNonNullElse(body, new byte[0]);
      String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return Optional.ofNullable(MAPPER.readValue(text, type))
          .orElseThrow(() -> new VolumeException.Invalid("the request is 'null'"));
    } catch (JacksonException e) {
      throw new VolumeException.Invalid(
          "the request is not valid JSON; nothing was changed: " + e.getOriginalMessage(), e);
    } catch (CharacterCodingException e) {
      throw new VolumeException.Invalid("the request is not UTF-8; nothing was changed", e);
    }
  }
}
