package dev.berth.backend.s3;

import java.time.Clock;
import java.time.Duration;

/**
 * All that reaches a store or a client. Made with the first volume: a host without volumes in S3
 * loads nothing of the AWS SDK.
 */
final class S3Services implements AutoCloseable {
  private final S3Access access;
  private final CredentialsEndpoint endpoint;
  private final Preflight preflight;
  private final Buckets buckets;
  private final PrefixCleaner cleaner;
  private final Supervisor supervisor;

  S3Services(S3Tools tools, Endpoints endpoints, Duration probeInterval, Clock clock) {
    access = new S3Access(endpoints::refusal);
    preflight = new Preflight(access);
    buckets = new Buckets(access, preflight);
    cleaner = new PrefixCleaner(access);
    endpoint = new CredentialsEndpoint(tools.stateDirectory(), access, clock);
    supervisor =
        new Supervisor(
            tools, new ClientPlans(access, endpoint, tools), preflight, clock, probeInterval);
  }

  Preflight preflight() {
    return preflight;
  }

  Buckets buckets() {
    return buckets;
  }

  PrefixCleaner cleaner() {
    return cleaner;
  }

  Supervisor supervisor() {
    return supervisor;
  }

  /** Clients go on. */
  @Override
  public void close() {
    supervisor.close();
    endpoint.close();
    access.close();
  }
}
