package dev.berth.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.berth.testing.RawRequest.Form;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

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

  /** Volumes that these requests name begin with {@code prefix}. */
  public RawRequests(long seed, String prefix) {
    random = new Random(seed);
    bodies = new RawBodies(random);
    this.prefix = prefix;
  }

  public RawRequest next() {
    return switch (random.nextInt(20)) {
      case 0 -> chunked();
      case 1 -> method();
      case 2 -> target();
      case 3 -> part();
      case 4 -> badLength();
      case 5 -> mutated();
      case 6 -> foreign();
      case 7 -> random.nextInt(10) == 0 ? tooLarge() : part();
      case 8, 9, 10, 11 -> admin();
      case 12, 13 -> odd();
      default -> call();
    };
  }

  /** Several whole requests to be sent at once. */
  public List<RawRequest> pipeline() {
    return java.util.stream.Stream.generate(() -> random.nextInt(4) == 0 ? admin() : call())
        .limit(2 + random.nextInt(5))
        .toList();
  }

  private RawRequest call() {
    return whole("");
  }

  private RawRequest odd() {
    return whole(pick(ODD_HEADERS));
  }

  private RawRequest whole(String header) {
    int named = random.nextInt(NAMED.size() + 2);
    if (named >= NAMED.size()) {
      String call = named == NAMED.size() ? "VolumeDriver.List" : "VolumeDriver.Capabilities";
      return post(Form.WHOLE, call, bodies.next("{}", List.of("Name")), header);
    }
    String call = "VolumeDriver." + NAMED.get(named);
    byte[] body = bodies.next(right(), List.of("Name", "ID", "Opts"));
    return post(Form.WHOLE, call, body, header);
  }

  private String right() {
    return "{\"Name\":\"%s%d\",\"ID\":\"id\",\"Opts\":{\"size\":\"64MiB\"}}"
        .formatted(prefix, random.nextInt(9));
  }

  private RawRequest admin() {
    String volume = random.nextBoolean() ? prefix + random.nextInt(9) : pick(NAMES);
    boolean grow = random.nextBoolean();
    String right = grow ? "{\"size\":\"65MiB\"}" : "{\"force\":false}";
    byte[] body = bodies.next(right, List.of("size", "force"));
    return switch (random.nextInt(5)) {
      case 0 -> of(Form.WHOLE, "GET", "v1/volumes/" + volume, new byte[0], "");
      case 1 -> of(Form.WHOLE, "DELETE", "v1/snapshots/" + volume, new byte[0], "");
      case 2 -> post(Form.WHOLE, "v1/" + volume, body, "");
      default ->
          post(Form.WHOLE, "v1/volumes/%s/%s".formatted(volume, grow ? "grow" : "release"), body, "");
    };
  }

  private RawRequest method() {
    return of(Form.REFUSED, pick(METHODS), "VolumeDriver.Get", right().getBytes(UTF_8), "");
  }

  private RawRequest target() {
    byte[] body = right().getBytes(UTF_8);
    String head = "POST %s HTTP/1.1\r\nHost: \r\nContent-Length: %d\r\n\r\n";
    return new RawRequest(
        Form.REFUSED, "", body, join(head.formatted(pick(TARGETS), body.length), body));
  }

  private RawRequest chunked() {
    byte[] body = right().getBytes(UTF_8);
    byte[] head =
        "POST /VolumeDriver.Create HTTP/1.1\r\nHost: \r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n"
            .formatted(body.length)
            .getBytes(UTF_8);
    byte[] bytes = join(new String(head, UTF_8), join(right(body), "\r\n0\r\n\r\n".getBytes(UTF_8)));
    return new RawRequest(Form.REFUSED, "VolumeDriver.Create", body, bytes);
  }

  private static String right(byte[] body) {
    return new String(body, UTF_8);
  }

  private RawRequest tooLarge() {
    byte[] body = new byte[(1 << 20) + 1 + random.nextInt(1 << 19)];
    Arrays.fill(body, (byte) ' ');
    byte[] right = right().getBytes(UTF_8);
    System.arraycopy(right, 0, body, 0, right.length);
    return post(Form.REFUSED, "VolumeDriver.Create", body, "");
  }

  private RawRequest part() {
    byte[] whole = post(Form.WHOLE, "VolumeDriver.Create", right().getBytes(UTF_8), "").bytes();
    byte[] bytes = Arrays.copyOf(whole, random.nextInt(whole.length));
    return new RawRequest(Form.PART, "VolumeDriver.Create", new byte[0], bytes);
  }

  private RawRequest badLength() {
    String length =
        random.nextBoolean() ? pick(LENGTHS) : "2\r\nContent-Length: " + random.nextInt(3);
    String head = "POST /VolumeDriver.List HTTP/1.1\r\nHost: \r\nContent-Length: %s\r\n\r\n{}";
    byte[] bytes = head.formatted(length).getBytes(ISO_8859_1);
    return new RawRequest(Form.UNKNOWN, "VolumeDriver.List", new byte[0], bytes);
  }

  /** What becomes of the bytes of a call is not known; a call that makes nothing is taken. */
  private RawRequest mutated() {
    byte[] get = post(Form.WHOLE, "VolumeDriver.Get", right().getBytes(UTF_8), "").bytes();
    return new RawRequest(Form.UNKNOWN, "VolumeDriver.Get", new byte[0], bodies.mutated(get));
  }

  private RawRequest foreign() {
    byte[] noise = new byte[random.nextInt(300)];
    random.nextBytes(noise);
    byte[] bytes =
        switch (random.nextInt(5)) {
          case 0 -> join("\u0016\u0003\u0001", noise);
          case 1 -> join("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", noise);
          case 2 -> join("POST /%s HTTP/9.9\r\n\r\n".formatted("a".repeat(noise.length)), noise);
          case 3 -> join("POST /" + "a".repeat(5000) + " HTTP/1.1\r\nHost: \r\n\r\n", noise);
          default -> noise;
        };
    return new RawRequest(Form.UNKNOWN, "", new byte[0], bytes);
  }

  private static RawRequest post(Form form, String call, byte[] body, String header) {
    return of(form, "POST", call, body, header);
  }

  private static RawRequest of(Form form, String method, String call, byte[] body, String header) {
    String head =
        "%s /%s HTTP/1.1\r\nHost: \r\n%sContent-Length: %d\r\n\r\n"
            .formatted(method, call, header.isEmpty() ? "" : header + "\r\n", body.length);
    return new RawRequest(form, call, body, join(head, body));
  }

  private static byte[] join(String head, byte[] rest) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head.getBytes(ISO_8859_1));
    all.writeBytes(rest);
    return all.toByteArray();
  }

  private String pick(List<String> choice) {
    return choice.get(random.nextInt(choice.size()));
  }
}
