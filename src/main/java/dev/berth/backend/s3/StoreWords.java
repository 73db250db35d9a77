package dev.berth.backend.s3;

import dev.berth.volume.Shown;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;

/**
 * What a store says of its refusal is bounded, and on one line, before anything of Berth sees it:
 * it gets into errors for Docker, logs and tables, and a store may be anybody's.
 */
final class StoreWords implements ExecutionInterceptor {
  @Override
  public Throwable modifyException(
      Context.FailedExecution context, ExecutionAttributes attributes) {
    return context.exception() instanceof AwsServiceException refusal
        ? tamed(refusal)
        : context.exception();
  }

  private static AwsServiceException tamed(AwsServiceException refusal) {
    AwsServiceException.Builder tamed = refusal.toBuilder();
    AwsErrorDetails details = refusal.awsErrorDetails();
    if (details == null) {
      tamed.message(said(refusal.getMessage()));
    } else {
      tamed.message(said(details.errorMessage()));
      tamed.awsErrorDetails(
          details.toBuilder()
              .errorCode(shown(details.errorCode()))
              .errorMessage(said(details.errorMessage()))
              .build());
    }
    tamed.requestId(shown(refusal.requestId()));
    tamed.extendedRequestId(shown(refusal.extendedRequestId()));
    return tamed.build();
  }

  private static @Nullable String shown(@Nullable String text) {
    return Optional.ofNullable(text).map(Shown::of).orElse(null);
  }

  private static @Nullable String said(@Nullable String text) {
    return Optional.ofNullable(text).map(Shown::said).orElse(null);
  }
}
