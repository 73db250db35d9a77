package dev.berth.backend.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.berth.host.HostException;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeId;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/**
 * Gives clients the credentials of their volume, in the form in which containers get theirs on AWS:
 * so they follow a rotation by themselves, and have no key in their arguments, their environment or
 * a file. On loopback; a volume's path and token derive from a secret of this host, so that clients
 * find it again, on the same port, after a restart of Berth.
 */
final class CredentialsEndpoint implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CredentialsEndpoint.class);
  private static final int KEY_BYTES = 32;
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
  private static final int OK = 200;
  private static final int FORBIDDEN = 403;
  private static final int UNAVAILABLE = 503;

  /** For keys that do not expire: by then a change of them has reached every client. */
  private static final long HOURS_GIVEN = 1;

  private final Path directory;
  private final S3Access access;
  private final InstantSource clock;
  private final ConcurrentHashMap<String, Served> served = new ConcurrentHashMap<>();
  private @Nullable HttpServer server;

  private record Served(String token, S3Target target) {}

  /** Keeps its secret and its port in {@code directory}; listens from the first volume on. */
  CredentialsEndpoint(Path directory, S3Access access, InstantSource clock) {
    this.directory = directory;
    this.access = access;
    this.clock = clock;
  }

  /** From now on the volume's client is answered. Done already: success. */
  synchronized ClientKeys.Endpoint serve(Volume volume) {
    int port = started().getAddress().getPort();
    String path = "/" + derived("path", volume.id());
    String token = derived("token", volume.id());
    served.put(path, new Served(token, S3Target.of(volume)));
    return new ClientKeys.Endpoint(URI.create("http://127.0.0.1:" + port + path), token);
  }

  /** Its client is gone. */
  void forget(VolumeId volume) {
    served.values().removeIf(entry -> entry.token().equals(derived("token", volume)));
  }

  private HttpServer started() {
    HttpServer running = server;
    if (running == null) {
      running = start();
      server = running;
    }
    return running;
  }

  private HttpServer start() {
    Path portFile = directory.resolve("endpoint.port");
    try {
      Files.createDirectories(directory);
      HttpServer listening = bind(lastPort(portFile));
      listening.createContext("/", this::answer);
      listening.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      listening.start();
      int port = listening.getAddress().getPort();
      Files.writeString(portFile, "" + port);
      LOG.infof("credentials of clients are served on 127.0.0.1:%d", port);
      return listening;
    } catch (IOException e) {
      throw new HostException.Io("cannot serve credentials on loopback", e);
    }
  }

  /** 0, which is any, if there was none yet. */
  private static int lastPort(Path file) throws IOException {
    String text = Files.exists(file) ? Files.readString(file).strip() : "";
    return PORT.matcher(text).matches() ? Integer.parseInt(text) : 0;
  }

  private static HttpServer bind(int port) throws IOException {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    try {
      return HttpServer.create(new InetSocketAddress(loopback, port), 0);
    } catch (BindException e) {
      LOG.warnf("port %d is taken; clients that ask there are replaced", port);
      return HttpServer.create(new InetSocketAddress(loopback, 0), 0);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Served entry = served.get(exchange.getRequestURI().getPath());
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      if (entry == null || given == null || !same(entry.token(), given)) {
        send(exchange, FORBIDDEN, "{}");
        return;
      }
      try {
        S3Target target = entry.target();
        send(exchange, OK, json(access.credentials(target.store(), target.source())));
      } catch (SdkException e) {
        LOG.warnf(
            "volume %s: its client asks for credentials, and there are none: %s",
            entry.target().volume(), e.getMessage());
        send(exchange, UNAVAILABLE, "{}");
      }
    }
  }

  private static boolean same(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  private String json(AwsCredentialsIdentity identity) {
    String token =
        identity instanceof AwsSessionCredentialsIdentity session
            ? ",\"Token\":\"%s\"".formatted(escaped(session.sessionToken()))
            : "";
    Instant until =
        identity
            .expirationTime()
            .orElseGet(() -> clock.instant().plus(HOURS_GIVEN, ChronoUnit.HOURS));
    return "{\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"%s\"%s,\"Expiration\":\"%s\"}"
        .formatted(
            escaped(identity.accessKeyId()),
            escaped(identity.secretAccessKey()),
            token,
            until.truncatedTo(ChronoUnit.SECONDS));
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private String derived(String what, VolumeId volume) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret(), "HmacSHA256"));
      return HexFormat.of()
          .formatHex(mac.doFinal((what + volume).getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] secret() {
    Path file = directory.resolve("endpoint.key");
    try {
      if (Files.notExists(file)) {
        byte[] fresh = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(fresh);
        Files.createDirectories(directory);
        Path part = directory.resolve("endpoint.key.part");
        Files.deleteIfExists(part);
        Files.createFile(
            part,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(part, HexFormat.of().formatHex(fresh));
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      }
      return HexFormat.of().parseHex(Files.readString(file).strip());
    } catch (IOException e) {
      throw new HostException.Io("cannot read " + file, e);
    }
  }

  @Override
  public synchronized void close() {
    HttpServer running = server;
    if (running != null) {
      running.stop(0);
    }
  }
}
