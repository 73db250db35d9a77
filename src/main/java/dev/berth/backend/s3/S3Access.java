package dev.berth.backend.s3;

import dev.berth.volume.VolumeException;
import java.net.URI;
import java.time.Duration;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Function;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFileSupplier;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Clients of S3 and providers of credentials, made when they are first needed and kept: volumes of
 * one store and source share them.
 */
final class S3Access {
  /** A call, its retries included: a store that is out of reach is an error well within 10 s. */
  private static final Duration CALL = Duration.ofSeconds(7);

  private static final Duration ATTEMPT = Duration.ofSeconds(3);
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration SOCKET = Duration.ofSeconds(60);

  /** A list of 1,000 keys, each as long as a key can be, has half of it. */
  private static final long LARGEST_ANSWER = 8L << 20;

  private static final String SESSION = "berth";
  private static final String LIMITER = "s3-limit-";
  private static final int LIMITERS = 2;

  private final Function<URI, Optional<String>> refusal;
  private final ConcurrentHashMap<Key, S3Client> clients = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<CredentialSource, AwsCredentialsProvider> providers =
      new ConcurrentHashMap<>();

  /** Clients of STS and providers, each after what it uses. */
  private final Deque<SdkAutoCloseable> sources = new ConcurrentLinkedDeque<>();

  /** Ends calls that take too long. Each client would make five threads of its own for that. */
  private final ScheduledExecutorService limiter = limiter();

  private record Key(Store store, CredentialSource source) {}

  /**
   * @param refusal why an endpoint is not to be spoken to, empty if it may be
   */
  S3Access(Function<URI, Optional<String>> refusal) {
    this.refusal = refusal;
  }

  /**
   * For a store that may be spoken to; another one is {@link VolumeException.Refused}. May block
   * seconds to resolve its name.
   */
  S3Client client(Store store, CredentialSource source) {
    Key key = new Key(store, source);
    S3Client made = clients.get(key);
    if (made != null) {
      return made;
    }
    requireAllowed(store);
    return clients.computeIfAbsent(key, this::build);
  }

  /**
   * The credentials as they are now; the provider keeps them until shortly before they expire. May
   * block seconds, and fails as the SDK does; for a store that may not be spoken to, there are
   * none.
   */
  AwsCredentials credentials(Store store, CredentialSource source) {
    requireAllowed(store);
    return provider(store, source).resolveCredentials();
  }

  private void requireAllowed(Store store) {
    store
        .endpoint()
        .flatMap(refusal)
        .ifPresent(
            why -> {
              throw new VolumeException.Refused(why);
            });
  }

  private S3Client build(Key key) {
    var builder =
        S3Client.builder()
            .region(key.store().region())
            .forcePathStyle(key.store().pathStyle())
            .credentialsProvider(provider(key.store(), key.source()))
            .httpClient(Http.CLIENT)
            // Other stores do not know the checksums that AWS does not ask for.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(limits());
    key.store().endpoint().ifPresent(builder::endpointOverride);
    return builder.build();
  }

  private static ScheduledExecutorService limiter() {
    ScheduledThreadPoolExecutor limiter =
        new ScheduledThreadPoolExecutor(
            LIMITERS, Thread.ofPlatform().daemon().name(LIMITER, 0).factory());
    limiter.setRemoveOnCancelPolicy(true);
    return limiter;
  }

  private ClientOverrideConfiguration limits() {
    return ClientOverrideConfiguration.builder()
        .apiCallTimeout(CALL)
        .apiCallAttemptTimeout(ATTEMPT)
        .scheduledExecutorService(limiter)
        .addExecutionInterceptor(new StoreWords())
        .build();
  }

  private AwsCredentialsProvider provider(Store store, CredentialSource source) {
    return providers.computeIfAbsent(source, key -> provider(store.region(), key));
  }

  private AwsCredentialsProvider provider(Region region, CredentialSource source) {
    ProfileFileSupplier files = ProfileFileSupplier.defaultSupplier();
    AwsCredentialsProvider base =
        source
            .profile()
            .<AwsCredentialsProvider>map(name -> ofProfile(name, files))
            .orElseGet(
                () -> closed(DefaultCredentialsProvider.builder().profileFile(files).build()));
    return source
        .roleArn()
        .<AwsCredentialsProvider>map(role -> assuming(region, base, role))
        .orElse(base);
  }

  /** What a profile has that the SDK cannot use is no exception of the SDK; here it is one. */
  private AwsCredentialsProvider ofProfile(String name, ProfileFileSupplier files) {
    ProfileCredentialsProvider provider =
        closed(ProfileCredentialsProvider.builder().profileFile(files).profileName(name).build());
    return () -> {
      try {
        return provider.resolveCredentials();
      } catch (IllegalStateException | IllegalArgumentException e) {
        throw SdkClientException.create(
            "the profile %s cannot be used: %s; correct it, or, if it logs in by SSO, give another one with credential_process = aws configure export-credentials --profile %s --format process"
                .formatted(name, e.getMessage(), name),
            e);
      }
    };
  }

  private AwsCredentialsProvider assuming(Region region, AwsCredentialsProvider base, String role) {
    StsClient sts =
        closed(
            StsClient.builder()
                .region(region)
                .credentialsProvider(base)
                .httpClient(Http.CLIENT)
                .overrideConfiguration(limits())
                .build());
    return closed(
        StsAssumeRoleCredentialsProvider.builder()
            .stsClient(sts)
            .refreshRequest(request -> request.roleArn(role).roleSessionName(SESSION))
            .build());
  }

  /** With this. */
  private <T extends SdkAutoCloseable> T closed(T source) {
    sources.addFirst(source);
    return source;
  }

  void close() {
    clients.values().forEach(S3Client::close);
    sources.forEach(SdkAutoCloseable::close);
    limiter.shutdownNow();
  }

  /** Loaded with the first client. */
  private static final class Http {
    static final SdkHttpClient CLIENT =
        new BoundedHttpClient(
            UrlConnectionHttpClient.builder()
                .connectionTimeout(CONNECT)
                .socketTimeout(SOCKET)
                .build(),
            LARGEST_ANSWER);
  }
}
