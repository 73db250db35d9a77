package dev.berth.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;

/** An answer of the plugin. */
public record Reply(int status, Map<String, String> headers, String body) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static Reply of(HttpMessage message) {
    int status = Integer.parseInt(message.startLine().split(" ", -1)[1]);
    return new Reply(status, message.headers(), message.body());
  }

  public JsonNode json() {
    try {
      return JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new AssertionError("not JSON: " + this, e);
    }
  }

  /** The text of {@code Err}; empty for a success. */
  public String error() {
    return json().path("Err").asText("");
  }

  public Reply orFail() {
    assertThat(status).as("%s", this).isEqualTo(200);
    assertThat(error()).as("%s", this).isEmpty();
    return this;
  }

  /** Fails unless this is an error the engine understands as one. */
  public Reply failed() {
    assertThat(json().isObject()).as("%s", this).isTrue();
    assertThat(error()).as("%s", this).isNotBlank();
    assertThat(status == 200 || status >= 400).as("%s", this).isTrue();
    return this;
  }

  public String mountpoint() {
    return json().path("Mountpoint").asText("");
  }

  public JsonNode volume() {
    return json().path("Volume");
  }
}
