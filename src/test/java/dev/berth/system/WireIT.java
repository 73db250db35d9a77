package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Rule;
import dev.berth.testing.Schema;
import dev.berth.testing.TestBed;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Requests and answers, byte for byte, over the real socket. */
@Rule({1, 3})
@RequiresSystem(engine = false)
class WireIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly());

  private static final List<String> NAMED =
      List.of("Create", "Remove", "Mount", "Unmount", "Path", "Get");

  private final PluginClient client = BED.client();

  @Test
  @DisplayName("1: Activate with an empty body, no Content-Type and an empty Host")
  void case01_activateWithEmptyBodyAndHost() {
    Reply reply =
        client.send(
            "POST /Plugin.Activate HTTP/1.1\r\nHost: \r\nContent-Length: 0\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body().strip()).isEqualTo("{\"Implements\":[\"VolumeDriver\"]}");
  }

  @Test
  @DisplayName("2: any Accept, with and without Content-Type")
  void case02_anyAcceptAndContentType() {
    client.create("c02", Map.of()).orFail();
    for (String method : List.of("Create", "Get", "Path", "List", "Capabilities", "Unmount")) {
      String body = "{\"Name\":\"c02\",\"ID\":\"x\"}";
      Reply first = client.call("VolumeDriver." + method, body).orFail();
      for (Map<String, String> headers : headers()) {
        Reply reply =
            client.send(PluginClient.request("POST", "VolumeDriver." + method, body, headers));
        assertThat(reply.status()).as("%s with %s", method, headers).isEqualTo(200);
        assertThat(reply.json()).as("%s with %s", method, headers).isEqualTo(first.json());
      }
    }
    String mount = "{\"Name\":\"c02\",\"ID\":\"x\"}";
    for (Map<String, String> headers : headers()) {
      for (String method : List.of("Mount", "Unmount")) {
        client
            .send(PluginClient.request("POST", "VolumeDriver." + method, mount, headers))
            .orFail();
      }
      client.send(PluginClient.request("POST", "Plugin.Activate", "", headers)).orFail();
    }
  }

  private static List<Map<String, String>> headers() {
    List<Map<String, String>> all = new ArrayList<>();
    for (String accept :
        new String[] {
          "application/vnd.docker.plugins.v1+json",
          "application/vnd.docker.plugins.v1.1+json",
          PluginClient.VENDOR,
          "*/*",
          ""
        }) {
      for (String type : new String[] {"", "application/json", "text/plain"}) {
        Map<String, String> headers = new HashMap<>();
        if (!accept.isEmpty()) {
          headers.put("Accept", accept);
        }
        if (!type.isEmpty()) {
          headers.put("Content-Type", type);
        }
        all.add(headers);
      }
    }
    return all;
  }

  @Test
  @DisplayName("3: an empty or broken body or an empty name is an error and changes nothing")
  void case03_emptyOrBrokenBodiesAreErrors() {
    client.create("c03", Map.of()).orFail();
    for (String method : NAMED) {
      for (String body :
          List.of("", "not json", "null", "[]", "\"c03\"", "{\"Name\":\"\"}", "{\"Name\":null}")) {
        Reply reply = client.call("VolumeDriver." + method, body);
        assertThat(reply.error()).as("%s '%s': %s", method, body, reply).isNotBlank();
        reply.failed();
      }
    }
    assertThat(client.names()).containsExactly("c03");
    assertThat(BED.volumeTraces()).isEmpty();
  }

  @Test
  @DisplayName("4: GET and unknown paths are JSON errors, and the server stays up")
  void case04_wrongVerbOrPath() {
    for (byte[] request :
        List.of(
            PluginClient.request("GET", "VolumeDriver.List", "", Map.of()),
            PluginClient.request("VolumeDriver.Nonsense", "{}"),
            PluginClient.request("", ""),
            PluginClient.request("GET", "", "", Map.of()))) {
      Reply reply = client.send(request).failed();
      assertThat(reply.status()).isIn(404, 405);
    }
    client.activate().orFail();
  }

  @Test
  @DisplayName("5: Opts null, empty or missing means the defaults")
  void case05_noOptions() {
    client.call("VolumeDriver.Create", "{\"Name\":\"c05a\",\"Opts\":null}").orFail();
    client.call("VolumeDriver.Create", "{\"Name\":\"c05b\",\"Opts\":{}}").orFail();
    client.call("VolumeDriver.Create", "{\"Name\":\"c05c\"}").orFail();
    assertThat(client.names()).contains("c05a", "c05b", "c05c");
  }

  @Test
  @DisplayName("6: unknown keys in a request are ignored")
  void case06_unknownKeys() {
    client
        .call("VolumeDriver.Create", "{\"Name\":\"c06\",\"Opts\":null,\"New\":{\"a\":[1]},\"X\":1}")
        .orFail();
    client.call("VolumeDriver.Get", "{\"Name\":\"c06\",\"Later\":true}").orFail();
  }

  @Test
  @DisplayName("7: every answer is one JSON object with exact keys, type and length")
  void case07_answersAreExact() {
    Map<String, List<String>> keys =
        Map.of(
            "Capabilities", List.of("Capabilities", "Err"),
            "Create", List.of("Err"),
            "Get", List.of("Volume", "Err"),
            "List", List.of("Volumes", "Err"),
            "Path", List.of("Mountpoint", "Err"),
            "Mount", List.of("Mountpoint", "Err"),
            "Unmount", List.of("Err"),
            "Remove", List.of("Err"));
    for (String method :
        List.of("Capabilities", "Create", "Get", "List", "Mount", "Path", "Unmount", "Remove")) {
      Reply reply =
          client.call("VolumeDriver." + method, "{\"Name\":\"c07\",\"ID\":\"x\"}").orFail();
      List<String> names = new ArrayList<>();
      reply.json().fieldNames().forEachRemaining(names::add);
      assertThat(keys.get(method)).as("%s: %s", method, reply).containsAll(names);
      assertThat(reply.headers().get("content-type"))
          .as(method)
          .startsWith("application/vnd.docker.plugins.v1");
      assertThat(reply.headers()).as(method).containsKey("content-length");
    }
  }

  @Test
  @DisplayName("8: names that are no names are refused, and nothing is made outside the root")
  void case08_badNames() {
    List<String> before = BED.filesOutsideRoot();
    for (String name :
        List.of(
            "a/b",
            "../x",
            "..",
            ".",
            "/",
            "ab c",
            "x".repeat(300),
            "a\0b",
            "volumé",
            "-v",
            "_x",
            "a\nb",
            "")) {
      client.create(name, Map.of()).failed();
      client.mount(name, "id").failed();
    }
    assertThat(client.names()).isEmpty();
    assertThat(BED.filesOutsideRoot()).isEqualTo(before);
  }

  @Test
  @DisplayName("20: Get of a missing volume is an error")
  void case20_getOfMissingVolume() {
    client.get("c20").failed();
    client.call("VolumeDriver.Path", Map.of("Name", "c20")).failed();
  }

  @Test
  @DisplayName("28: every refusal says why, as text for the user")
  void case28_refusalsSayWhy() {
    assertThat(client.create("c28", Map.of("sise", "1")).failed().error())
        .contains("sise")
        .containsIgnoringCase("size");
    assertThat(client.create("c28", Map.of("size", "much")).failed().error()).contains("much");
    for (String method : List.of("Get", "Path", "Mount")) {
      Reply reply = client.call("VolumeDriver." + method, "{\"Name\":\"c28-absent\",\"ID\":\"x\"}");
      assertThat(reply.failed().error()).as(method).contains("c28-absent");
    }
    assertThat(client.names()).isEmpty();
  }

  @Test
  @DisplayName("62: Get and List keep to the schema")
  void case62_getAndListSchema() {
    Stream.of("c62a", "c62b").forEach(name -> client.create(name, Map.of()).orFail());
    client.mount("c62a", "x").orFail();
    for (String name : List.of("c62a", "c62b")) {
      Schema.checkVolume(client.get(name).orFail().volume(), name, BED.data(name));
    }
    Schema.checkList(client.call("VolumeDriver.List", "{}").orFail().json().path("Volumes"));
  }
}
