package dev.berth.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/** Speaks to a volume plugin as the engine does, byte for byte. */
public record PluginClient(Path socket, Duration limit) {
  public static final String VENDOR = "application/vnd.docker.plugins.v1.2+json";

  private static final ObjectMapper JSON = new ObjectMapper();

  public PluginClient(Path socket) {
    this(socket, Duration.ofSeconds(130));
  }

  /** Sends a body, or none if it is empty, to a method such as {@code VolumeDriver.Get}. */
  public Reply call(String method, String body) {
    return send(request(method, body));
  }

  public Reply call(String method, Map<String, ?> body) {
    return call(method, json(body));
  }

  public Reply activate() {
    return call("Plugin.Activate", "");
  }

  public Reply create(String name, Map<String, String> options) {
    return call("VolumeDriver.Create", Map.of("Name", name, "Opts", options));
  }

  public Reply remove(String name) {
    return call("VolumeDriver.Remove", Map.of("Name", name));
  }

  public Reply mount(String name, String id) {
    return call("VolumeDriver.Mount", Map.of("Name", name, "ID", id));
  }

  public Reply unmount(String name, String id) {
    return call("VolumeDriver.Unmount", Map.of("Name", name, "ID", id));
  }

  public Reply get(String name) {
    return call("VolumeDriver.Get", Map.of("Name", name));
  }

  public List<String> names() {
    JsonNode volumes = call("VolumeDriver.List", "{}").orFail().json().path("Volumes");
    return StreamSupport.stream(volumes.spliterator(), false)
        .map(volume -> volume.path("Name").asText())
        .toList();
  }

  public Reply send(byte[] request) {
    try (Connection connection = Connection.open(socket)) {
      return Reply.of(connection.exchange(request, limit));
    } catch (IOException e) {
      throw new UncheckedIOException("the plugin at %s".formatted(socket), e);
    }
  }

  /** A request with the engine's own headers. */
  public static byte[] request(String method, String body) {
    return request("POST", method, body, Map.of("Accept", VENDOR));
  }

  public static byte[] request(
      String verb, String method, String body, Map<String, String> headers) {
    StringBuilder head = new StringBuilder("%s /%s HTTP/1.1\r\n".formatted(verb, method));
    Map<String, String> all = new HashMap<>(headers);
    all.putIfAbsent("Host", "");
    all.put("User-Agent", "Go-http-client/1.1");
    all.put("Content-Length", "" + body.getBytes(StandardCharsets.UTF_8).length);
    all.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    return (head + "\r\n" + body).getBytes(StandardCharsets.UTF_8);
  }

  public static String json(Map<String, ?> body) {
    try {
      return JSON.writeValueAsString(body) + "\n";
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
