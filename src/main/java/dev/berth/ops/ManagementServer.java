package dev.berth.ops;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.ManagementInterface;
import io.quarkus.vertx.http.runtime.options.HttpServerCommonHandlers;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Serves health and metrics on a port of the loopback interface, to which every user of the host,
 * and every container on its network, may speak. Quarkus' own listener has no limit on connections,
 * so that one user could take all descriptors from Docker's socket, and it stops the start if a
 * stranger holds the port; so Quarkus' routes are served here. Few connections are open at a time:
 * one too many ends the oldest, which lets a health check through even then. Only GET and HEAD
 * without a body are answered, and only under a name of this host itself: a page in a browser,
 * whose own name is made to mean 127.0.0.1, comes with that name.
 */
@ApplicationScoped
public class ManagementServer {
  private static final Logger LOG = Logger.getLogger(ManagementServer.class);
  private static final String HOST = "127.0.0.1";
  private static final int AFTER_ALL_ELSE = 1_000_000;
  private static final int CONNECTIONS = 50;
  private static final int LONGEST_LINE = 2_048;
  private static final int LONGEST_HEADERS = 8_192;
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final Duration TO_LISTEN = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofSeconds(10);
  private static final Set<HttpMethod> METHODS = Set.of(HttpMethod.GET, HttpMethod.HEAD);
  private static final Pattern THIS_HOST =
      Pattern.compile("(?i)(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d{1,5})?");

  private final Vertx vertx;
  private final int port;

  /** Used by the server's one event loop only. */
  private final LinkedHashSet<HttpConnection> connections = new LinkedHashSet<>();

  private @Nullable Router router;
  private volatile @Nullable String trouble;

  public ManagementServer(Vertx vertx, @ConfigProperty(name = "quarkus.management.port") int port) {
    this.vertx = vertx;
    this.port = port;
  }

  void routes(@Observes ManagementInterface routes) {
    router = routes.router();
    routes.router().route().order(Integer.MIN_VALUE).handler(ManagementServer::check);
  }

  /** Before Docker's socket is there: whoever finds that one may ask for health. */
  void start(@Observes @Priority(AFTER_ALL_ELSE) StartupEvent event) throws InterruptedException {
    try {
      listen()
          .toCompletionStage()
          .toCompletableFuture()
          .get(TO_LISTEN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      failed(e.getCause() == null ? e : e.getCause());
    }
  }

  private void failed(Throwable why) {
    String message =
        "health and metrics are not served: port %d of %s cannot be had (%s); end what listens there, or set QUARKUS_MANAGEMENT_PORT to another"
            .formatted(port, HOST, why.getMessage());
    if (trouble == null) {
      LOG.warn(message);
    }
    trouble = message;
    vertx.setTimer(RETRY.toMillis(), timer -> retry());
  }

  private void retry() {
    listen()
        .onFailure(this::failed)
        .onSuccess(
            server -> {
              trouble = null;
              LOG.infof("health and metrics are served on port %d of %s now", port, HOST);
            });
  }

  private Future<HttpServer> listen() {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(HOST)
            .setPort(port)
            .setIdleTimeout((int) IDLE.toSeconds())
            .setMaxInitialLineLength(LONGEST_LINE)
            .setMaxHeaderSize(LONGEST_HEADERS)
            // With HTTP/2 a connection is counted only when its first bytes have come.
            .setHttp2ClearTextEnabled(false);
    Router served = Objects.requireNonNull(router, "Quarkus has no management routes");
    return vertx
        .createHttpServer(options)
        .connectionHandler(this::opened)
        .requestHandler(HttpServerCommonHandlers.enforceDuplicatedContext(served, false))
        .listen();
  }

  private void opened(HttpConnection connection) {
    connection.closeHandler(closed -> connections.remove(connection));
    connections.add(connection);
    if (connections.size() > CONNECTIONS) {
      HttpConnection oldest = connections.removeFirst();
      oldest.close();
    }
  }

  private static void check(RoutingContext call) {
    if (!METHODS.contains(call.request().method())) {
      refuse(call, HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET and HEAD are answered here");
    } else if (hasBody(call)) {
      refuse(call, HttpResponseStatus.BAD_REQUEST, "a request here has no body");
    } else if (!isThisHost(call.request().getHeader(HttpHeaders.HOST))) {
      refuse(
          call,
          HttpResponseStatus.MISDIRECTED_REQUEST,
          "the name of this host is localhost, 127.0.0.1 or [::1] here");
    } else {
      call.next();
    }
  }

  private static boolean hasBody(RoutingContext call) {
    String length = call.request().getHeader(HttpHeaders.CONTENT_LENGTH);
    return call.request().headers().contains(HttpHeaders.TRANSFER_ENCODING)
        || (length != null && !length.equals("0"));
  }

  /** A browser always gives a name; simple checkers that speak HTTP/1.0 need not. */
  static boolean isThisHost(@Nullable String name) {
    return name == null || THIS_HOST.matcher(name).matches();
  }

  private static void refuse(RoutingContext call, HttpResponseStatus status, String why) {
    call.response()
        .setStatusCode(status.code())
        .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain")
        .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
        .end(why + "\n")
        .onComplete(done -> call.request().connection().close());
  }

  /** Whether health and metrics are served. */
  Finding finding() {
    return Optional.ofNullable(trouble)
        .map(message -> Finding.warning("management", message))
        .orElseGet(() -> Finding.ok("management", "health and metrics are served on port " + port));
  }
}
