package dev.berth.backend.ebs.ec2;

import dev.berth.volume.VolumeException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.core.document.Document;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.imds.Ec2MetadataClient;
import software.amazon.awssdk.imds.Ec2MetadataRetryPolicy;

/** EC2's instance metadata service, version 2. */
public final class InstanceMetadata {
  private static final String DOCUMENT = "/latest/dynamic/instance-identity/document";
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final int RETRIES = 2;

  private final Optional<URI> endpoint;

  /** At its usual address, or at {@code endpoint}. */
  public InstanceMetadata(Optional<URI> endpoint) {
    this.endpoint = endpoint;
  }

  /**
   * Which instance this is. No answer is {@link VolumeException.Failed}, which says what to do;
   * that may take ten seconds.
   */
  public InstanceIdentity read() {
    Ec2MetadataClient.Builder builder =
        Ec2MetadataClient.builder()
            .retryPolicy(Ec2MetadataRetryPolicy.builder().numRetries(RETRIES).build())
            .httpClient(
                UrlConnectionHttpClient.builder().connectionTimeout(LIMIT).socketTimeout(LIMIT));
    endpoint.ifPresent(builder::endpoint);
    try (Ec2MetadataClient client = builder.build()) {
      Document document = client.get(DOCUMENT).asDocument();
      return new InstanceIdentity(
          field(document, "instanceId"),
          field(document, "availabilityZone"),
          field(document, "region"));
    } catch (SdkException e) {
      throw new VolumeException.Failed(
          "the EC2 instance metadata service does not answer (%s). On an instance, allow it; inside a container its hop limit has to be 2: 'aws ec2 modify-instance-metadata-options --http-endpoint enabled --http-put-response-hop-limit 2 --instance-id …'. Else set berth.host-id, berth.ebs.region and berth.ebs.availability-zone"
              .formatted(e.getMessage()),
          e);
    }
  }

  private static String field(Document document, String name) {
    Document value = document.asMap().get(name);
    if (value == null || !value.isString()) {
      throw new VolumeException.Failed(
          "the EC2 instance metadata have no %s; set berth.host-id, berth.ebs.region and berth.ebs.availability-zone"
              .formatted(name));
    }
    return value.asString();
  }
}
