package dev.berth.protocol;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;

/** Refuses a body of more than 1 MiB before it is read, in the protocol's own form. */
@Singleton
class BodyLimit {
  private static final long LARGEST = 1 << 20;
  private static final int DIGITS = 18;
  private static final int BEFORE_THE_BODY_IS_READ = 900;

  void register(@Observes Filters filters) {
    filters.register(BodyLimit::check, BEFORE_THE_BODY_IS_READ);
  }

  private static void check(RoutingContext call) {
    String length = call.request().getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null || (length.length() < DIGITS && Long.parseLong(length) <= LARGEST)) {
      call.next();
      return;
    }
    try {
      Wire.Done refusal =
          new Wire.Done(
              "the request has %s bytes, more than 1 MiB; nothing was changed".formatted(length));
      call.response()
          .setStatusCode(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE.code())
          .putHeader(HttpHeaders.CONTENT_TYPE, Wire.MEDIA_TYPE)
          .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
          .putHeader(ErrorMapper.KIND, "invalid")
          .end(Buffer.buffer(ReplyWriter.bytes(refusal)));
    } catch (IOException e) {
      call.fail(e);
    }
  }
}
