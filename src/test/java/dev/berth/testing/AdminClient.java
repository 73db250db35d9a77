package dev.berth.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;

/** Speaks to Berth's {@code /v1}, as the {@code berth} command does. */
public record AdminClient(Path socket) {
  private static final Map<String, String> HEADERS =
      Map.of("Accept", "application/json", "Content-Type", "application/json");

  /** What is at a path such as {@code volumes/db}; anything but a success is a failure. */
  public JsonNode get(String path) {
    return send("GET", path, "").json();
  }

  public JsonNode post(String path, Map<String, ?> body) {
    return send("POST", path, PluginClient.json(body)).json();
  }

  public void delete(String path) {
    send("DELETE", path, "");
  }

  /** The answer, whatever it says. */
  public Reply attempt(String verb, String path, String body) {
    byte[] request = PluginClient.request(verb, "v1/" + path, body, HEADERS);
    return new PluginClient(socket).send(request);
  }

  private Reply send(String verb, String path, String body) {
    Reply reply = attempt(verb, path, body);
    if (reply.status() / 100 != 2) {
      throw new AssertionError("%s /v1/%s: %s".formatted(verb, path, reply));
    }
    return reply;
  }
}
