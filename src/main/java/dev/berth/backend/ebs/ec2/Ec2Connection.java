package dev.berth.backend.ebs.ec2;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkServiceClientConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryUtils;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.AdaptiveRetryStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.Ec2ClientBuilder;

/** The way to EC2. Each kind of call has a rate of its own, which adapts to what EC2 allows. */
public final class Ec2Connection {
  private static final int MAX_ATTEMPTS = 8;
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);

  /** When the SDK gives up on a throttled call that has time left. */
  private static final Duration THROTTLED_PAUSE = Duration.ofSeconds(1);

  /**
   * What could make a second thing when it is repeated without a look: EC2 knows no token for
   * snapshots, and emulated clouds know none at all.
   */
  private static final Set<String> LOOK_BEFORE_REPEATING =
      Set.of("CreateVolume", "CopyVolumes", "CreateSnapshot");

  private final Map<String, RetryStrategy> strategies = new ConcurrentHashMap<>();
  private final Ec2Client client;

  /**
   * @param endpoint instead of the region's own
   */
  public Ec2Connection(Optional<URI> endpoint, String region) {
    client = client(endpoint, region);
  }

  /** A call of one name with its time and its way of repeating it. */
  public interface Call<T> {
    T run(Ec2Client client, Consumer<AwsRequestOverrideConfiguration.Builder> terms);
  }

  /**
   * Makes a call and repeats it while EC2 throttles it; if nothing else is said of it above, also
   * when its answer was lost. Not past the deadline. A failure is a {@link CloudException}.
   */
  public <T> T call(String name, Deadline deadline, Call<T> call) {
    while (true) {
      if (deadline.passed()) {
        throw new CloudException(Outcome.NO_TIME, name, "no time", "no time is left for it", null);
      }
      try {
        return call.run(
            client,
            terms ->
                terms
                    .apiCallTimeout(deadline.left())
                    .addPlugin(config -> repeatBy(strategy(name), config)));
      } catch (SdkException e) {
        CloudException failure = Ec2Errors.translated(name, e);
        if (failure.outcome() != Outcome.THROTTLED) {
          throw failure;
        }
        deadline.pause(
            THROTTLED_PAUSE.plusMillis(
                ThreadLocalRandom.current().nextLong(THROTTLED_PAUSE.toMillis())));
        if (deadline.passed()) {
          throw failure;
        }
      }
    }
  }

  private static void repeatBy(
      RetryStrategy strategy, SdkServiceClientConfiguration.Builder config) {
    config.overrideConfiguration(
        config.overrideConfiguration().toBuilder().retryStrategy(strategy).build());
  }

  private RetryStrategy strategy(String call) {
    return strategies.computeIfAbsent(call, Ec2Connection::newStrategy);
  }

  private static RetryStrategy newStrategy(String call) {
    return LOOK_BEFORE_REPEATING.contains(call)
        ? AdaptiveRetryStrategy.builder()
            .maxAttempts(MAX_ATTEMPTS)
            .retryOnException(Ec2Connection::isThrottling)
            .treatAsThrottling(Ec2Connection::isThrottling)
            .build()
        : AwsRetryStrategy.adaptiveRetryStrategy().toBuilder().maxAttempts(MAX_ATTEMPTS).build();
  }

  private static boolean isThrottling(Throwable thrown) {
    return thrown instanceof SdkException known && RetryUtils.isThrottlingException(known);
  }

  private static Ec2Client client(Optional<URI> endpoint, String region) {
    Ec2ClientBuilder builder =
        Ec2Client.builder()
            .region(Region.of(region))
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT_LIMIT)
                    .socketTimeout(ANSWER_LIMIT));
    endpoint.ifPresent(builder::endpointOverride);
    return builder.build();
  }
}
