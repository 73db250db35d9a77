package dev.berth.backend.s3;

import dev.berth.host.HostException;
import dev.berth.host.ProcessId;
import dev.berth.host.ReservedPorts;
import dev.berth.host.TcpPeer;
import dev.berth.volume.Shown;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeId;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Gives clients the credentials of their volume, in the form in which containers get theirs on AWS:
 * so they follow a rotation by themselves, and have no key in their arguments, their environment or
 * a file.
 *
 * <p>While Berth is down, clients go on sending their tokens to its port, and whoever may take that
 * port meanwhile collects them. So:
 *
 * <ol>
 *   <li>the port is one that users without rights cannot take, where the host has such ports;
 *   <li>a token is drawn for each client that is started, and holds for that process only: the
 *       socket at the other end has to be the client's, by what the kernel says;
 *   <li>if another process has the port when Berth comes back, Berth takes another one, and nothing
 *       that was ever sent to the lost one is accepted again: the clients are replaced.
 * </ol>
 */
final class CredentialsEndpoint implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CredentialsEndpoint.class);
  private static final int TOKEN_BYTES = 32;
  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
  private static final int OK = 200;
  private static final int FORBIDDEN = 403;
  private static final int UNAVAILABLE = 503;

  /** A client may ask before its start is noted. */
  private static final Duration START = Duration.ofSeconds(5);

  /**
   * For keys that do not expire. Clients go on with them while Berth is down, so it is not shorter;
   * one whose keys are refused before is replaced, see {@link KeysWatch}.
   */
  private static final long HOURS_GIVEN = 1;

  private final Path directory;
  private final S3Access access;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final ConcurrentHashMap<String, Served> served = new ConcurrentHashMap<>();
  private @Nullable LoopbackHttp server;

  private record Served(
      VolumeId volume,
      String token,
      S3Target target,
      CompletableFuture<Client> client,
      AtomicBoolean leaked,
      AtomicReference<Optional<HeldKeys>> held) {
    boolean hasEnded() {
      return client.isDone() && !client.join().grant().process().alive();
    }
  }

  /** A client that was started. */
  private record Client(KeysGrant grant, ClientDirectory directory) {}

  /** Keeps its port in {@code directory}; listens from the first volume on. */
  CredentialsEndpoint(Path directory, S3Access access, InstantSource clock) {
    this.directory = directory;
    this.access = access;
    this.clock = clock;
  }

  /**
   * What the client of that generation, which is about to be started, has to ask. It is answered
   * once {@link #started} was called. Not answered any more are clients that have ended.
   */
  synchronized ClientKeys.Endpoint offer(Volume volume, int generation) {
    int port = listening().port();
    byte[] fresh = new byte[TOKEN_BYTES];
    random.nextBytes(fresh);
    String token = HexFormat.of().formatHex(fresh);
    served.values().removeIf(Served::hasEnded);
    serve(volume, generation, token, new CompletableFuture<>(), Optional.empty());
    String path = path(volume.id(), generation);
    return new ClientKeys.Endpoint(URI.create("http://127.0.0.1:" + port + path), token);
  }

  /** The client to which that was offered has been started; it is noted in its directory. */
  void started(Volume volume, ClientDirectory state, int generation, ProcessId client) {
    Served offered = served.get(path(volume.id(), generation));
    if (offered == null) {
      throw new IllegalStateException("nothing was offered to the client of " + volume.name());
    }
    KeysGrant grant = new KeysGrant(generation, port(), offered.token(), client, "");
    grant.write(state);
    offered.client().complete(new Client(grant, state));
  }

  /**
   * Clients of that volume which an earlier run of Berth started are answered again, but those that
   * ask at a port which was lost. Those that are answered are returned.
   */
  synchronized Set<ProcessId> serveAgain(Volume volume, ClientDirectory state) {
    int port = listening().port();
    Set<ProcessId> answered = new HashSet<>();
    for (KeysGrant grant : KeysGrant.readLiving(state)) {
      if (grant.port() == port) {
        serve(
            volume,
            grant.generation(),
            grant.token(),
            CompletableFuture.completedFuture(new Client(grant, state)),
            HeldKeys.noted(grant.given()));
        answered.add(grant.process());
      }
    }
    return answered;
  }

  private void serve(
      Volume volume,
      int generation,
      String token,
      CompletableFuture<Client> client,
      Optional<HeldKeys> held) {
    served.put(
        path(volume.id(), generation),
        new Served(
            volume.id(),
            token,
            S3Target.of(volume),
            client,
            new AtomicBoolean(),
            new AtomicReference<>(held)));
  }

  /** Which keys the client of that generation was given last; empty if none, or it is not known. */
  Optional<HeldKeys> held(Volume volume, int generation) {
    return Optional.ofNullable(served.get(path(volume.id(), generation)))
        .flatMap(entry -> entry.held().get());
  }

  private static String path(VolumeId volume, int generation) {
    return "/" + volume + "/" + generation;
  }

  /** Its clients are gone. When this returns, nothing is noted in its directory any more. */
  void forget(VolumeId volume) {
    served.forEach(
        (path, entry) -> {
          if (entry.volume().equals(volume)) {
            synchronized (entry.held()) {
              served.remove(path, entry);
            }
          }
        });
  }

  private synchronized int port() {
    return listening().port();
  }

  private LoopbackHttp listening() {
    LoopbackHttp running = server;
    if (running == null) {
      running = start();
      server = running;
    }
    return running;
  }

  private LoopbackHttp start() {
    Path portFile = directory.resolve("endpoint.port");
    try {
      Files.createDirectories(directory);
      int last = lastPort(portFile);
      LoopbackHttp listening = new LoopbackHttp(ReservedPorts.listen(last), this::answer);
      int port = listening.port();
      Files.writeString(portFile, "" + port);
      LOG.infof("credentials of clients are served on 127.0.0.1:%d", port);
      if (last != 0 && last != port) {
        LOG.warnf(
            "port %d is not to be had any more: another process has it, or any user may take it;"
                + " clients that ask there are replaced",
            last);
      }
      if (!ReservedPorts.isReserved(port)) {
        LOG.warnf(
            "any user of this host may take port %d while Berth is down, and clients of volumes in"
                + " S3 fail until they are replaced; leave ports 914 to 988 free, and below"
                + " net.ipv4.ip_unprivileged_port_start",
            port);
      }
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

  private LoopbackHttp.Answer answer(LoopbackHttp.Question question, TcpPeer asker) {
    Served entry = served.get(question.path());
    if (entry == null || !same(entry.token(), question.authorization())) {
      return new LoopbackHttp.Answer(FORBIDDEN, "{}");
    }
    S3Target target = entry.target();
    if (!isClient(entry, asker)) {
      if (entry.leaked().compareAndSet(false, true)) {
        LOG.warnf(
            "volume %s: another process than its client asked for its credentials with the client's"
                + " token, and got nothing",
            target.volume());
      }
      return new LoopbackHttp.Answer(FORBIDDEN, "{}");
    }
    try {
      AwsCredentials keys = access.credentials(target.store(), target.source());
      note(question.path(), entry, keys);
      return new LoopbackHttp.Answer(OK, json(keys));
    } catch (SdkException | VolumeException e) {
      LOG.warnf(
          "volume %s: its client asks for credentials, and there are none: %s",
          target.volume(), Shown.said(String.valueOf(e.getMessage())));
      return new LoopbackHttp.Answer(UNAVAILABLE, "{}");
    }
  }

  private void note(String path, Served entry, AwsCredentials keys) {
    HeldKeys given = HeldKeys.of(keys);
    synchronized (entry.held()) {
      String before = entry.held().getAndSet(Optional.of(given)).map(HeldKeys::print).orElse("");
      if (!before.equals(given.print()) && entry.equals(served.get(path))) {
        Client client = entry.client().join();
        try {
          client.grant().withGiven(given.print()).write(client.directory());
        } catch (HostException e) {
          LOG.warnf("volume %s: %s", entry.target().volume(), e.getMessage());
        }
      }
    }
  }

  private static boolean isClient(Served entry, TcpPeer asker) {
    try {
      Client client = entry.client().get(START.toMillis(), TimeUnit.MILLISECONDS);
      return asker.isOf(client.grant().process());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  private static boolean same(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  private String json(AwsCredentials identity) {
    String token =
        identity instanceof AwsSessionCredentials session
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

  @Override
  public synchronized void close() {
    LoopbackHttp running = server;
    if (running != null) {
      running.close();
    }
  }
}
