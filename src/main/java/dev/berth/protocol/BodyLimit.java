package dev.berth.protocol;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;

/**
 * Refuses, before it is read and in the protocol's own form, a body of more than 1 MiB or of
 * unknown length.
 */
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
    if (call.request().headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
      refuse(call, HttpResponseStatus.LENGTH_REQUIRED, "the request has no Content-Length");
    } else if (length == null || (length.length() < DIGITS && Long.parseLong(length) <= LARGEST)) {
      call.next();
    } else {
      refuse(
          call,
          HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
          "the request has %s bytes, more than 1 MiB".formatted(length));
    }
  }

  private static void refuse(RoutingContext call, HttpResponseStatus status, String why) {
    try {
      call.response()
          .setStatusCode(status.code())
          .putHeader(HttpHeaders.CONTENT_TYPE, Wire.MEDIA_TYPE)
          .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
          .putHeader(ErrorMapper.KIND, "invalid")
          .end(Buffer.buffer(ReplyWriter.bytes(new Wire.Done(why + "; nothing was changed"))));
    } catch (IOException e) {
      call.fail(e);
    }
  }
}
