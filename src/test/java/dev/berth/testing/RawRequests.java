package dev.berth.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.berth.testing.RawRequest.Form;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Requests in every form that bytes can have; equal seeds give equal requests. */
public final class RawRequests {
  private static final List<String> NAMED =
      List.of("Create", "Remove", "Mount", "Unmount", "Path", "Get");
  private static final List<String> METHODS =
      List.of("PUT", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "post", "FOO", "P-S.T");
  private static final List<String> LENGTHS =
      List.of("-1", "+2", "0x2", "2 2", "2,2", "", "two", "99999999999999999999", "2\r\nX: \0");
  private static final List<String> TARGETS =
      List.of("*", "VolumeDriver.Get", "/%", "/%zz", "/VolumeDriver.%zz", "/v1/%f", "x:y/z");
  private static final List<String> NAMES =
      List.of("..%2f..%2fx", "%00", "a%20b", "%ff%fe", "..", "-a", "a".repeat(300), "a;b=c", "~");
  private static final List<String> ODD_HEADERS =
      List.of(
          "Expect: 100-continue",
          "Expect: the unexpected",
          "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
          "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AA==",
          "Accept: text/html",
          "Accept: ;;q=x",
          "Accept-Encoding: gzip",
          "Content-Type: ///",
          "Content-Type: application/xml",
          "Content-Encoding: gzip",
          "X-Long: " + "x".repeat(6000));

  private final Random random;
  private final RawBodies bodies;
  private final String prefix;

  /** Volumes that these requests name begin with {@code prefix}, if nothing spoils it. */
  public RawRequests(Random random, String prefix) {
    this.random = random;
    bodies = new RawBodies(random);
    this.prefix = prefix;
  }

  public RawRequest next() {
    return switch (random.nextInt(20)) {
      case 0 -> chunked();
      case 1 -> post(Form.REFUSED, pick(METHODS), "VolumeDriver.Get", right(), "");
      case 2 -> target();
      case 3 -> part();
      case 4 -> badLength();
      case 5 -> mutated();
      case 6 -> foreign();
      case 7 -> random.nextInt(10) == 0 ? tooLarge() : part();
      case 8, 9, 10, 11 -> admin();
      case 12, 13 -> call(pick(ODD_HEADERS));
      default -> call("");
    };
  }

  /** Several whole requests to be sent at once. */
  public List<RawRequest> pipeline() {
    return Stream.generate(() -> random.nextInt(4) == 0 ? admin() : call(""))
        .limit(2 + random.nextInt(5))
        .toList();
  }

  private RawRequest call(String header) {
    int named = random.nextInt(NAMED.size() + 2);
    if (named >= NAMED.size()) {
      String call = named == NAMED.size() ? "VolumeDriver.List" : "VolumeDriver.Capabilities";
      return post(call, bodies.next("{}", List.of("Name")), header);
    }
    String body = bodies.next(right(), List.of("Name", "ID", "Opts"));
    return post("VolumeDriver." + NAMED.get(named), body, header);
  }

  private String right() {
    return "{\"Name\":\"%s%d\",\"ID\":\"id\",\"Opts\":{\"size\":\"64MiB\"}}"
        .formatted(prefix, random.nextInt(9));
  }

  private RawRequest admin() {
    String volume = random.nextBoolean() ? prefix + random.nextInt(9) : pick(NAMES);
    boolean grow = random.nextBoolean();
    String body =
        bodies.next(grow ? "{\"size\":\"65MiB\"}" : "{\"force\":false}", List.of("size", "force"));
    return switch (random.nextInt(5)) {
      case 0 -> post(Form.WHOLE, "GET", "v1/volumes/" + volume, "", "");
      case 1 -> post(Form.WHOLE, "DELETE", "v1/snapshots/" + volume, "", "");
      case 2 -> post("v1/" + volume, body, "");
      default -> post("v1/volumes/%s/%s".formatted(volume, grow ? "grow" : "release"), body, "");
    };
  }

  private RawRequest target() {
    String body = right();
    String head =
        "POST %s HTTP/1.1\r\nHost: \r\nContent-Length: %d\r\n\r\n"
            .formatted(pick(TARGETS), body.length());
    return new RawRequest(Form.REFUSED, "", body, head + body);
  }

  private RawRequest chunked() {
    String body = right();
    String head = "POST /VolumeDriver.Create HTTP/1.1\r\nHost: \r\nTransfer-Encoding: chunked\r\n";
    String chunks = "\r\n%x\r\n%s\r\n0\r\n\r\n".formatted(body.length(), body);
    return new RawRequest(Form.REFUSED, "VolumeDriver.Create", body, head + chunks);
  }

  private RawRequest tooLarge() {
    String body = right() + " ".repeat((1 << 20) + random.nextInt(1 << 19));
    return post(Form.REFUSED, "POST", "VolumeDriver.Create", body, "");
  }

  private RawRequest part() {
    String whole = post("VolumeDriver.Create", right(), "").text();
    String part = whole.substring(0, random.nextInt(whole.length()));
    return new RawRequest(Form.PART, "VolumeDriver.Create", "", part);
  }

  private RawRequest badLength() {
    String length =
        random.nextBoolean() ? pick(LENGTHS) : "2\r\nContent-Length: " + random.nextInt(3);
    String bytes =
        "POST /VolumeDriver.List HTTP/1.1\r\nHost: \r\nContent-Length: %s\r\n\r\n{}"
            .formatted(length);
    return new RawRequest(Form.UNKNOWN, "VolumeDriver.List", "", bytes);
  }

  /** What becomes of the bytes of a call is not known; a call that makes nothing is taken. */
  private RawRequest mutated() {
    byte[] get = post("VolumeDriver.Get", right(), "").bytes();
    String bytes = new String(bodies.mutated(get), ISO_8859_1);
    return new RawRequest(Form.UNKNOWN, "VolumeDriver.Get", "", bytes);
  }

  private RawRequest foreign() {
    byte[] noise = new byte[random.nextInt(300)];
    random.nextBytes(noise);
    String tail = new String(noise, ISO_8859_1);
    String bytes =
        switch (random.nextInt(5)) {
          case 0 -> "\u0016\u0003\u0001" + tail;
          case 1 -> "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + tail;
          case 2 -> "POST /%s HTTP/9.9\r\n\r\n".formatted("a".repeat(noise.length)) + tail;
          case 3 -> "POST /" + "a".repeat(5000) + " HTTP/1.1\r\nHost: \r\n\r\n" + tail;
          default -> tail;
        };
    return new RawRequest(Form.UNKNOWN, "", "", bytes);
  }

  private static RawRequest post(String call, String body, String header) {
    return post(Form.WHOLE, "POST", call, body, header);
  }

  private static RawRequest post(
      Form form, String method, String call, String body, String header) {
    String head =
        "%s /%s HTTP/1.1\r\nHost: \r\n%sContent-Length: %d\r\n\r\n"
            .formatted(method, call, header.isEmpty() ? "" : header + "\r\n", body.length());
    return new RawRequest(form, call, body, head + body);
  }

  private String pick(List<String> choice) {
    return choice.get(random.nextInt(choice.size()));
  }
}
