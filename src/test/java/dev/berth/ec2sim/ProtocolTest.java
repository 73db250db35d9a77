package dev.berth.ec2sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the SDK never sends. */
@TestInstance(Lifecycle.PER_CLASS)
class ProtocolTest {
  private static final String VERSION = "&Version=2016-11-15";

  private final Ec2Simulator simulator = Ec2Simulator.withoutDevices();
  private final HttpClient http = HttpClient.newHttpClient();

  @AfterAll
  void close() {
    http.close();
    simulator.close();
  }

  private HttpResponse<String> send(String body, String authorization)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(simulator.endpoint())
            .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
            .POST(BodyPublishers.ofString(body));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private static String signed(String region) {
    return "AWS4-HMAC-SHA256 Credential=key/20260101/%s/ec2/aws4_request, SignedHeaders=host, Signature=%s"
        .formatted(region, "0".repeat(64));
  }

  @ParameterizedTest
  @CsvSource({
    "'', MissingAction",
    "Action=DescribeVolumes, NoSuchVersion",
    "Action=DescribeVolumes&Version=2010-01-01, NoSuchVersion",
    "Action=RunInstances&Version=2016-11-15, InvalidAction",
    "Action=DescribeVolumes&Version=2016-11-15&Colour=blue, UnknownParameter",
    "Action=DescribeVolumes&Version=2016-11-15&VolumeId.2=vol-0123456789abcdef0, UnknownParameter",
    "Action=DescribeVolumes&Version=2016-11-15&VolumeId.1=, InvalidParameterValue",
    "Action=DescribeVolumes&Version=2016-11-15&DryRun=yes, InvalidParameterValue",
    "Action=DescribeVolumes&Version=2016-11-15&MaxResults=many, InvalidParameterValue",
    "Action=DescribeVolumes&Version=2016-11-15&Filter.1.Name=status, InvalidParameterValue",
    "Action=DeleteVolume&Version=2016-11-15, MissingParameter",
    "Action=DeleteVolume&Action=DeleteVolume&Version=2016-11-15, MalformedQueryString",
    "nonsense, MalformedQueryString"
  })
  void refusesWhatIsNoRequest(String body, String code) throws Exception {
    HttpResponse<String> answer = send(body, signed("eu-west-1"));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .contains("<Response><Errors><Error><Code>" + code + "</Code>")
        .contains("<RequestID>");
  }

  @Test
  void wantsASignatureForItsRegion() throws Exception {
    String body = "Action=DescribeVolumes" + VERSION;

    assertThat(send(body, "").statusCode()).isEqualTo(401);
    assertThat(send(body, signed("us-east-1")).statusCode()).isEqualTo(401);
    assertThat(send(body, "Basic abc").body()).contains("<Code>AuthFailure</Code>");
    assertThat(send(body, signed("eu-west-1")).statusCode()).isEqualTo(200);
  }

  @Test
  void answersInTheNamespaceOfTheService() throws Exception {
    HttpResponse<String> answer = send("Action=DescribeVolumes" + VERSION, signed("eu-west-1"));

    assertThat(answer.headers().firstValue("Content-Type")).contains("text/xml;charset=UTF-8");
    assertThat(answer.body())
        .contains(
            "<DescribeVolumesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>")
        .contains("<volumeSet></volumeSet>");
  }
}
