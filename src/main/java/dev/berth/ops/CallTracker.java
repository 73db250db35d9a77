package dev.berth.ops;

import dev.berth.protocol.ErrorMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Counts and times the calls on the socket, and lets those in flight end before Berth stops. */
@ApplicationScoped
public class CallTracker {
  private static final int BEFORE_ALL_ROUTES = 1_000;
  private static final long PAUSE_MILLIS = 5;
  private static final int FIRST_ERROR = 400;
  private static final int FIRST_FAILURE = 500;
  private static final Map<String, String> CALLS =
      Stream.of(
              "Plugin.Activate",
              "VolumeDriver.Capabilities",
              "VolumeDriver.Create",
              "VolumeDriver.Remove",
              "VolumeDriver.Mount",
              "VolumeDriver.Unmount",
              "VolumeDriver.Path",
              "VolumeDriver.Get",
              "VolumeDriver.List")
          .collect(Collectors.toUnmodifiableMap(call -> "/" + call, call -> call));

  private final MeterRegistry meters;
  private final ConcurrentHashMap<Kind, Timer> timers = new ConcurrentHashMap<>();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Set<HttpConnection> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  private record Kind(String call, String outcome) {}

  public CallTracker(MeterRegistry meters) {
    this.meters = meters;
    meters.gauge("berth.calls.in.flight", inFlight);
  }

  void register(@Observes Filters filters) {
    filters.register(this::track, BEFORE_ALL_ROUTES);
  }

  private void track(RoutingContext call) {
    Timer.Sample sample = Timer.start(meters);
    inFlight.incrementAndGet();
    HttpConnection connection = call.request().connection();
    if (connections.add(connection)) {
      connection.closeHandler(closed -> connections.remove(connection));
    }
    if (draining) {
      call.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    call.addEndHandler(
        ended -> {
          inFlight.decrementAndGet();
          sample.stop(timers.computeIfAbsent(kind(call), this::timer));
        });
    call.next();
  }

  private Timer timer(Kind kind) {
    return Timer.builder("berth.calls")
        .description("Calls on the socket")
        .tags("call", kind.call, "outcome", kind.outcome)
        .publishPercentileHistogram(false)
        .register(meters);
  }

  private static Kind kind(RoutingContext call) {
    String outcome =
        Optional.ofNullable(call.response().headers().get(ErrorMapper.KIND))
            .orElseGet(() -> outcome(call.response().getStatusCode()));
    return new Kind(name(String.valueOf(call.request().path())), outcome);
  }

  /** Of a call that says nothing itself: those of {@code /v1}. */
  private static String outcome(int status) {
    return status < FIRST_ERROR ? "ok" : status < FIRST_FAILURE ? "refused" : "failed";
  }

  /** What callers send does not become the name of a meter: each name is kept for good. */
  private static String name(String path) {
    return path.startsWith("/v1/") ? "admin" : CALLS.getOrDefault(path, "other");
  }

  /**
   * Waits until no call is in flight and {@code idle}, at most {@code limit}: work goes on when its
   * caller has gone.
   */
  void drain(Duration limit, BooleanSupplier idle) throws InterruptedException {
    draining = true;
    long end = System.nanoTime() + limit.toNanos();
    while ((inFlight.get() > 0 || !idle.getAsBoolean()) && System.nanoTime() < end) {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
  }

  void closeConnections() {
    connections.forEach(HttpConnection::close);
  }
}
