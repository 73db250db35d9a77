package dev.berth.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** Says which bodies a call may be a success for; it reads them in another way than Berth does. */
public final class BodyOracle {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  private BodyOracle() {}

  /** A volume's name, as the README has it. */
  public static boolean isName(String text) {
    return text.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}");
  }

  /** Whether a success is right for a request to {@code call}; the body has a character a byte. */
  public static boolean allows(String call, String body) {
    if (call.startsWith("v1/") && !call.matches(".*/(grow|release)")) {
      return true;
    }
    return object(body).filter(object -> allows(call, object)).isPresent();
  }

  private static boolean allows(String call, JsonNode body) {
    return switch (call.replaceAll(".*[./]", "")) {
      case "grow" -> body.path("size").isTextual();
      case "release" -> !body.hasNonNull("force") || body.path("force").isBoolean();
      case "List", "Capabilities" -> true;
      case "Mount", "Unmount" -> named(body) && isId(body.path("ID").asText());
      case "Create" -> named(body) && options(body.path("Opts"));
      default -> named(body);
    };
  }

  private static Optional<JsonNode> object(String body) {
    try {
      String text =
          UTF_8.newDecoder().decode(ByteBuffer.wrap(body.getBytes(ISO_8859_1))).toString();
      return Optional.ofNullable(JSON.readTree(text)).filter(JsonNode::isObject);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static boolean named(JsonNode body) {
    return body.path("Name").isTextual() && isName(body.path("Name").asText());
  }

  private static boolean isId(String text) {
    return text.matches("\\P{Cntrl}{1,256}") && !text.isBlank();
  }

  private static boolean options(JsonNode options) {
    return options.isMissingNode()
        || options.isNull()
        || (options.isObject()
            && StreamSupport.stream(options.spliterator(), false).allMatch(JsonNode::isTextual));
  }
}
