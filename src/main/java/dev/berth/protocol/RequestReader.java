package dev.berth.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.berth.volume.MountId;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads request bodies. An empty or broken one is always an error: after a dropped connection the
 * engine repeats a call with no body at all, and would take a success for the answer to what it had
 * sent before.
 */
final class RequestReader {
  private static final ObjectReader READER =
      JsonMapper.builder()
          .withCoercionConfig(
              LogicalType.Textual,
              texts -> {
                texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail);
                texts.setCoercion(CoercionInputShape.Float, CoercionAction.Fail);
                texts.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
              })
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build()
          .readerFor(Wire.Request.class);

  private RequestReader() {}

  /** A body that is one JSON object; anything else is {@link VolumeException.Invalid}. */
  static Wire.Request read(byte @Nullable [] body) {
    if (body == null || body.length == 0) {
      throw new VolumeException.Invalid(
          "the request has no body, as engines send it after a dropped connection; nothing was changed, try again");
    }
    try {
      Wire.@Nullable Request request =
          READER.readValue(UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
      if (request == null) {
        throw new VolumeException.Invalid(
            "the request is 'null' instead of a JSON object; nothing was changed");
      }
      return request;
    } catch (JacksonException e) {
      throw new VolumeException.Invalid(
          "the request is not valid JSON; nothing was changed: " + e.getOriginalMessage(), e);
    } catch (CharacterCodingException e) {
      throw new VolumeException.Invalid("the request is not UTF-8; nothing was changed", e);
    }
  }

  static VolumeName name(Wire.Request request) {
    return new VolumeName(request.name() == null ? "" : request.name());
  }

  static MountId id(Wire.Request request) {
    return new MountId(request.id() == null ? "" : request.id());
  }

  static Map<String, String> options(Wire.Request request) {
    Map<String, String> options = new TreeMap<>();
    if (request.opts() != null) {
      request
          .opts()
          .forEach(
              (key, value) -> {
                if (value == null) {
                  throw new VolumeException.Invalid("option '%s' has no value".formatted(key));
                }
                options.put(key, value);
              });
    }
    return options;
  }
}
