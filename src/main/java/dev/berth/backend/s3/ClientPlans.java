package dev.berth.backend.s3;

import dev.berth.host.ProcessId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.core.exception.SdkException;

/** What clients are told: what to mount, and how they come to their credentials. */
final class ClientPlans {
  /** STS and its like give new credentials from five minutes before the old ones expire. */
  private static final Duration BEFORE_EXPIRY = Duration.ofMinutes(4);

  private final S3Access access;
  private final CredentialsEndpoint endpoint;
  private final S3Tools tools;

  ClientPlans(S3Access access, CredentialsEndpoint endpoint, S3Tools tools) {
    this.access = access;
    this.endpoint = endpoint;
    this.tools = tools;
  }

  /**
   * A plan.
   *
   * @param given the keys that the client starts with; empty if it asks for them
   * @param keysPort of the endpoint that the client asks, 0 if it does not
   * @param started is told of the client's process as soon as there is one
   */
  record Planned(
      FuseClient client,
      MountPlan plan,
      Optional<HeldKeys> given,
      int keysPort,
      Consumer<ProcessId> started) {
    /** When the client has to be replaced by one with newer keys; empty if never. */
    Optional<Instant> keysExpire() {
      return given.flatMap(HeldKeys::keys).flatMap(AwsCredentials::expirationTime);
    }

    /** See {@link HeldKeys#print}. */
    String keysPrint() {
      return given.map(HeldKeys::print).orElse("");
    }
  }

  /** For the client of that generation. May block seconds to get credentials. */
  Planned plan(Volume volume, ClientDirectory directory, int generation) {
    FuseClient client = FuseClients.of(volume.options());
    S3Target target = S3Target.of(volume);
    if (client.asksForKeys()) {
      ClientKeys.Endpoint keys = endpoint.offer(volume, generation);
      return new Planned(
          client,
          plan(volume, target, directory, generation, keys),
          Optional.empty(),
          keys.uri().getPort(),
          process -> endpoint.started(volume, directory, generation, process));
    }
    AwsCredentials identity = identity(target);
    Optional<String> token =
        identity instanceof AwsSessionCredentials session
            ? Optional.of(session.sessionToken())
            : Optional.empty();
    ClientKeys keys =
        new ClientKeys.Fixed(identity.accessKeyId(), identity.secretAccessKey(), token);
    return new Planned(
        client,
        plan(volume, target, directory, generation, keys),
        Optional.of(HeldKeys.of(identity)),
        0,
        process -> {});
  }

  /** Whether it is time to replace credentials that expire {@code at} a time. */
  static boolean isSoon(Instant at, Instant now) {
    return now.isAfter(at.minus(BEFORE_EXPIRY));
  }

  /** Whether a client would now be given credentials that expire later. May block seconds. */
  boolean canOutlast(Volume volume, Instant expiry) {
    Optional<Instant> next = identity(S3Target.of(volume)).expirationTime();
    return next.filter(at -> !at.isAfter(expiry)).isEmpty();
  }

  /** See {@link CredentialsEndpoint#serveAgain}. */
  Set<ProcessId> serveAgain(Volume volume, ClientDirectory directory) {
    return endpoint.serveAgain(volume, directory);
  }

  void forget(Volume volume) {
    endpoint.forget(volume.id());
  }

  /** The keys that a client would be given now. May block seconds to get them. */
  AwsCredentials current(Volume volume) {
    return identity(S3Target.of(volume));
  }

  /** See {@link CredentialsEndpoint#held}. */
  Optional<HeldKeys> held(Volume volume, int generation) {
    return endpoint.held(volume, generation);
  }

  private AwsCredentials identity(S3Target target) {
    try {
      return access.credentials(target.store(), target.source());
    } catch (SdkException e) {
      throw new VolumeException.Failed(
          "volume %s: there are no credentials (%s): %s"
              .formatted(target.volume(), target.source(), S3Errors.words(e)),
          e);
    }
  }

  private MountPlan plan(
      Volume volume, S3Target target, ClientDirectory directory, int generation, ClientKeys keys) {
    return new MountPlan(
        volume.options(),
        target,
        directory.staging(generation),
        "berth-%s.%d".formatted(volume.id(), generation),
        directory.path(),
        keys,
        tools.memoryLimit(),
        tools.clients().requireUsable(volume.name(), FuseClients.of(volume.options())));
  }
}
