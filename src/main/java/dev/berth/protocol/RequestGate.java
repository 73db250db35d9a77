package dev.berth.protocol;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Refuses, in the form of all errors, what no resource gets to see: a body of more than 1 MiB or of
 * unknown length, a method that no call has, a target that is no path. The connection is closed
 * then, since where the next request on it begins need not be known. Bytes that are no HTTP at all
 * are refused by the server below, with a 4xx and no body.
 */
@Singleton
class RequestGate {
  private static final Logger LOG = Logger.getLogger(RequestGate.class);
  private static final long LARGEST = 1 << 20;
  private static final int DIGITS = 18;
  private static final int BEFORE_THE_BODY_IS_READ = 900;
  private static final Set<HttpMethod> METHODS =
      Set.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE);

  void register(@Observes Filters filters) {
    filters.register(RequestGate::check, BEFORE_THE_BODY_IS_READ);
  }

  /**
   * Before Quarkus' own handler, which answers with no body or with one of its own making; a path
   * that cannot be decoded matches no route and comes to no handler but the last.
   */
  void register(@Observes Router router) {
    router.route().order(Integer.MIN_VALUE).failureHandler(RequestGate::failed);
    router.errorHandler(HttpResponseStatus.BAD_REQUEST.code(), RequestGate::noPath);
  }

  private static void noPath(RoutingContext call) {
    refuse(call, HttpResponseStatus.BAD_REQUEST, "the request's target is no path of Berth's");
  }

  private static void failed(RoutingContext call) {
    if (call.failure() == null || call.failure() instanceof IllegalArgumentException) {
      noPath(call);
    } else {
      LOG.error("a request could not be served", call.failure());
      refuse(call, HttpResponseStatus.INTERNAL_SERVER_ERROR, "the request cannot be served");
    }
  }

  private static void check(RoutingContext call) {
    String length = call.request().getHeader(HttpHeaders.CONTENT_LENGTH);
    if (!METHODS.contains(call.request().method())) {
      refuse(
          call,
          HttpResponseStatus.METHOD_NOT_ALLOWED,
          "no call has this method; the calls of Docker are POST");
    } else if (call.request().headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
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
    String path = String.valueOf(call.request().path());
    try {
      call.response()
          .setStatusCode(status.code())
          .putHeader(HttpHeaders.CONTENT_TYPE, Wire.MEDIA_TYPE)
          .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
          .putHeader(ErrorMapper.KIND, "invalid")
          .end(Buffer.buffer(ReplyWriter.bytes(Wire.refusal(path, why + "; nothing was changed"))))
          .onComplete(done -> call.request().connection().close());
    } catch (IOException e) {
      call.fail(e);
    }
  }
}
