package dev.berth.ec2sim;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.CreateVolumeRequest;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;

/** The real SDK, without retries, and one instance. */
record SimulatorBed(Ec2Simulator simulator, Ec2Client client, String instance)
    implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  static SimulatorBed of(Ec2Simulator simulator) {
    return new SimulatorBed(simulator, client(simulator.endpoint()), simulator.runInstance());
  }

  static Ec2Client client(URI endpoint) {
    return Ec2Client.builder()
        .endpointOverride(endpoint)
        .region(Region.of(Ec2Simulator.REGION))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")))
        .httpClient(UrlConnectionHttpClient.create())
        .overrideConfiguration(o -> o.retryStrategy(r -> r.maxAttempts(1)))
        .build();
  }

  static CreateVolumeRequest.Builder gp3(int size) {
    return CreateVolumeRequest.builder()
        .availabilityZone(Ec2Simulator.ZONE)
        .size(size)
        .volumeType("gp3");
  }

  static Filter filter(String name, String... values) {
    return Filter.builder().name(name).values(values).build();
  }

  /** A volume that can be attached. */
  String volume() {
    String id = client.createVolume(gp3(1).build()).volumeId();
    awaitStatus(id, "available");
    return id;
  }

  void attach(String volume, String device) {
    client.attachVolume(r -> r.volumeId(volume).instanceId(instance).device(device));
  }

  /** One that is attached. */
  String attached(String device) {
    String id = volume();
    attach(id, device);
    awaitAttachment(id, "attached");
    return id;
  }

  String status(String volume) {
    return client.describeVolumes(r -> r.volumeIds(volume)).volumes().getFirst().stateAsString();
  }

  /** The state of the volume's attachment; {@code none} if there is none. */
  String attachment(String volume) {
    return client.describeVolumes(r -> r.volumeIds(volume)).volumes().stream()
        .flatMap(found -> found.attachments().stream())
        .map(found -> found.stateAsString())
        .findFirst()
        .orElse("none");
  }

  void awaitStatus(String volume, String status) {
    Awaitility.await(volume + " " + status)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> status(volume).equals(status));
  }

  void awaitAttachment(String volume, String state) {
    Awaitility.await(volume + " " + state)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> attachment(volume).equals(state));
  }

  /** The ids a describe without conditions shows, roots of instances left out. */
  List<String> dataVolumes() {
    return client.describeVolumes().volumes().stream()
        .filter(
            volume -> volume.attachments().stream().noneMatch(a -> a.device().equals("/dev/xvda")))
        .map(volume -> volume.volumeId())
        .toList();
  }

  /** Fails unless the call is refused with this code and a message that holds {@code text}. */
  static void assertRefused(String code, String text, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Ec2Exception.class,
            e -> {
              if (!e.awsErrorDetails().errorCode().equals(code)
                  || !e.awsErrorDetails().errorMessage().contains(text)) {
                throw new AssertionError(
                    "expected %s with '%s', got %s".formatted(code, text, e.getMessage()));
              }
            });
  }

  @Override
  public void close() {
    client.close();
    simulator.close();
  }
}
