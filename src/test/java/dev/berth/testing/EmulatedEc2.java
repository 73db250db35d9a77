package dev.berth.testing;

import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Snapshot;
import software.amazon.awssdk.services.ec2.model.Volume;

/** What an emulated EC2 has of Berth's, past Berth. */
public final class EmulatedEc2 implements AutoCloseable {
  private static final Filter OURS =
      Filter.builder().name("tag-key").values("berth:volume-id").build();

  private final Ec2Client client;

  EmulatedEc2(URI endpoint, String region) {
    client =
        Ec2Client.builder()
            .endpointOverride(endpoint)
            .region(Region.of(region))
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
            .httpClient(UrlConnectionHttpClient.create())
            .build();
  }

  /** Volumes, attached or not, and snapshots. */
  public List<String> leftovers() {
    Stream<String> volumes =
        client.describeVolumes(request -> request.filters(OURS)).volumes().stream()
            .map(Volume::toString);
    return Stream.concat(volumes, snapshots().stream()).toList();
  }

  public List<String> snapshots() {
    return client
        .describeSnapshots(request -> request.ownerIds("self").filters(OURS))
        .snapshots()
        .stream()
        .map(Snapshot::snapshotId)
        .toList();
  }

  @Override
  public void close() {
    client.close();
  }
}
