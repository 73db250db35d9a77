package dev.berth.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.cfg.MutableCoercionConfig;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import dev.berth.volume.VolumeException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a body that is one JSON object in UTF-8, whole, each key once, each value of its own type.
 * An empty or broken one is always an error: after a dropped connection the engine repeats a call
 * with no body at all, and would take a success for the answer to what it had sent before.
 *
 * @param <T> what the object is read as; keys it does not have are ignored
 */
public final class JsonBody<T> {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          // Even a blank text would be taken for false.
          .withCoercionConfig(
              LogicalType.Boolean,
              refusing(
                  CoercionInputShape.String,
                  CoercionInputShape.EmptyString,
                  CoercionInputShape.Integer))
          .withCoercionConfig(
              LogicalType.Textual,
              refusing(
                  CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean))
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final ObjectReader reader;

  public JsonBody(Class<T> type) {
    reader = MAPPER.readerFor(type);
  }

  private static Consumer<MutableCoercionConfig> refusing(CoercionInputShape... shapes) {
    return config -> {
      for (CoercionInputShape shape : shapes) {
        config.setCoercion(shape, CoercionAction.Fail);
      }
    };
  }

  /** Anything else than such an object is {@link VolumeException.Invalid}. */
  public T read(byte @Nullable [] body) {
    if (body == null || body.length == 0) {
      throw new VolumeException.Invalid(
          "the request has no body, as engines send it after a dropped connection; nothing was changed, try again");
    }
    try {
      String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      @Nullable T value = reader.readValue(text);
      if (value == null) {
        throw new VolumeException.Invalid(
            "the request is 'null' instead of a JSON object; nothing was changed");
      }
      return value;
    } catch (MismatchedInputException e) {
      throw new VolumeException.Invalid(mismatch(e) + "; nothing was changed", e);
    } catch (JacksonException e) {
      throw new VolumeException.Invalid(
          "the request is broken JSON, or has a key twice%s; nothing was changed"
              .formatted(place(e)),
          e);
    } catch (CharacterCodingException e) {
      throw new VolumeException.Invalid("the request is not UTF-8; nothing was changed", e);
    }
  }

  private static String mismatch(MismatchedInputException e) {
    return e.getPath().stream()
        .map(JsonMappingException.Reference::getFieldName)
        .findFirst()
        .map("the request's %s has a value of the wrong type"::formatted)
        .orElse("the request is not one JSON object and nothing else");
  }

  private static String place(JacksonException e) {
    return e.getLocation() == null
        ? ""
        : ", at line %d, column %d"
            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }
}
