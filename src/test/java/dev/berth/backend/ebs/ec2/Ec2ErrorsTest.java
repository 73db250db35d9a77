package dev.berth.backend.ebs.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;

class Ec2ErrorsTest {
  private static SdkException answer(String code, String message, int status) {
    return Ec2Exception.builder()
        .statusCode(status)
        .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).errorMessage(message).build())
        .build();
  }

  private static Outcome outcome(String call, String code, String message, int status) {
    return Ec2Errors.translated(call, answer(code, message, status)).outcome();
  }

  @ParameterizedTest
  @CsvSource({
    "InvalidVolume.NotFound, ABSENT",
    "InvalidSnapshot.NotFound, ABSENT",
    "InvalidInstanceID.NotFound, ABSENT",
    "InvalidVolumeModification.NotFound, ABSENT",
    "InvalidSomethingNew.NotFound, ABSENT",
    "InvalidAttachment.NotFound, NOT_ATTACHED",
    "IncorrectState, WRONG_STATE",
    "VolumeInUse, IN_USE",
    "InvalidSnapshot.InUse, IN_USE",
    "AttachmentLimitExceeded, ATTACHMENT_LIMIT",
    "VolumeLimitExceeded, VOLUME_QUOTA",
    "MaxIOPSLimitExceeded, QUOTA",
    "SnapshotLimitExceeded, QUOTA",
    "VolumeModificationSizeLimitExceeded, QUOTA",
    "IdempotentParameterMismatch, TOKEN_SPENT",
    "InvalidParameter, INVALID",
    "InvalidParameterCombination, INVALID",
    "InvalidParameterDependency, INVALID",
    "InvalidParameterValue, INVALID",
    "UnknownParameter, INVALID",
    "UnknownVolumeType, INVALID",
    "UnsupportedOperation, INVALID",
    "ValidationError, INVALID",
    "InvalidZone.NotFound, INVALID",
    "IncorrectModificationState, MODIFIED_TOO_OFTEN",
    "VolumeModificationRateExceeded, MODIFIED_TOO_OFTEN",
    "SnapshotCreationPerVolumeRateExceeded, SNAPSHOT_RATE",
    "ConcurrentSnapshotLimitExceeded, SNAPSHOT_RATE",
    "PendingSnapshotLimitExceeded, SNAPSHOT_RATE",
    "RequestLimitExceeded, THROTTLED",
    "Throttling, THROTTLED",
    "ThrottlingException, THROTTLED",
    "UnauthorizedOperation, DENIED",
    "AuthFailure, DENIED",
    "DryRunOperation, WOULD_SUCCEED",
    "InvalidVolume.ZoneMismatch, OTHER_ZONE",
    "InsufficientVolumeCapacity, NO_CAPACITY",
    "InvalidAction, UNSUPPORTED",
    "SomethingNobodyKnows, REFUSED"
  })
  void aCodeHasOneOutcome(String code, Outcome outcome) {
    assertThat(outcome("CreateVolume", code, "no reason", 400)).isEqualTo(outcome);
  }

  @ParameterizedTest
  @CsvSource({"InternalError,500", "Unavailable,503", "SomethingNobodyKnows,500"})
  void anInternalErrorLeavesOpenWhatHappened(String code, int status) {
    assertThat(outcome("CopyVolumes", code, "", status)).isEqualTo(Outcome.UNCLEAR);
  }

  @Test
  void aCallThatAnEmulatedCloudLacksIsUnsupported() {
    assertThat(outcome("CopyVolumes", "InternalFailure", "", 501)).isEqualTo(Outcome.UNSUPPORTED);
    assertThat(
            outcome(
                "CopyVolumes",
                "InternalFailure",
                "The copy_volumes action has not been implemented",
                500))
        .isEqualTo(Outcome.UNSUPPORTED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Invalid value '/dev/xvdaa' for unixDevice. Attachment point /dev/xvdaa is already in use",
        "Value (/dev/xvdzz) for parameter device is invalid. /dev/xvdzz is not a valid EBS device name."
      })
  void aDeviceNameThatIsTakenOrNotAllowedIsToldByItsMessage(String message) {
    assertThat(outcome("AttachVolume", "InvalidParameterValue", message, 400))
        .isEqualTo(Outcome.NAME_TAKEN);
  }

  @Test
  void noAnswerLeavesOpenWhatHappened() {
    CloudException translated =
        Ec2Errors.translated(
            "DetachVolume",
            SdkClientException.create(
                "Unable to execute HTTP request", new ConnectException("refused")));
    assertThat(translated.outcome()).isEqualTo(Outcome.UNCLEAR);
    assertThat(translated).hasMessageContaining("refused");
  }

  @Test
  void noCredentialsIsNoPermission() {
    CloudException translated =
        Ec2Errors.translated(
            "DescribeVolumes",
            SdkClientException.create(
                "Unable to load credentials from any of the providers in the chain"));
    assertThat(translated.outcome()).isEqualTo(Outcome.DENIED);
    assertThat(translated.code()).isEqualTo(Ec2Errors.NO_CREDENTIALS_CODE);
  }
}
