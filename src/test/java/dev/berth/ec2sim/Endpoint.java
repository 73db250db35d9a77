package dev.berth.ec2sim;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.berth.ec2sim.query.Ec2Error;
import dev.berth.ec2sim.query.Query;
import dev.berth.testing.Async;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The HTTP side: counts, throttles, lets faults happen, and answers or does not. */
final class Endpoint implements AutoCloseable {
  static {
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  /** The caller gets no answer. */
  private static final class Dropped extends RuntimeException {
    Dropped() {
      super("dropped");
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Api api;
  private final Access access;
  private final Faults faults;
  private final Throttle throttle;
  private final CallCounts counts;

  Endpoint(int port, Api api, Access access, Faults faults, Throttle throttle, CallCounts counts) {
    this.api = api;
    this.access = access;
    this.faults = faults;
    this.throttle = throttle;
    this.counts = counts;
    try {
      server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 512);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on port " + port, e);
    }
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  void serve(String path, HttpHandler handler) {
    server.createContext(path, handler);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String id = UUID.randomUUID().toString();
    try (exchange) {
      try {
        send(exchange, 200, answer(exchange, id));
      } catch (Ec2Error e) {
        counts.failed(e.code());
        send(exchange, e.status(), e.toXml(id));
      } catch (Dropped e) {
        counts.failed("dropped");
      } catch (RuntimeException | AssertionError e) {
        Ec2Error error = new Ec2Error("InternalError", "the simulator failed: " + e);
        counts.failed(error.code());
        send(exchange, error.status(), error.toXml(id));
      }
    }
  }

  private String answer(HttpExchange exchange, String id) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Query query = Query.parse(body);
    String action = query.action();
    counts.called(action);
    api.checkKnown(action);
    access.authenticate(
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")));
    if (!throttle.lets(action)) {
      throw new Ec2Error("RequestLimitExceeded", "Request limit exceeded.");
    }
    Optional<Fault.Kind> fault = faults.next(action, query);
    fault.ifPresent(Endpoint::before);
    String answer = api.call(query).document(action, id);
    fault.ifPresent(Endpoint::after);
    return answer;
  }

  private static void before(Fault.Kind fault) {
    switch (fault) {
      case Fault.Kind.Fail(String code) -> throw Ec2Error.injected(code);
      case Fault.Kind.DropBefore() -> throw new Dropped();
      case Fault.Kind.Wait(var time) -> Async.pause(time);
      case Fault.Kind.FailAfter later -> {}
      case Fault.Kind.DropAfter later -> {}
      case Fault.Kind.WaitAfter later -> {}
    }
  }

  private static void after(Fault.Kind fault) {
    switch (fault) {
      case Fault.Kind.FailAfter(String code) -> throw Ec2Error.injected(code);
      case Fault.Kind.DropAfter() -> throw new Dropped();
      case Fault.Kind.WaitAfter(var time) -> Async.pause(time);
      case Fault.Kind.Fail done -> {}
      case Fault.Kind.DropBefore done -> {}
      case Fault.Kind.Wait done -> {}
    }
  }

  private static void send(HttpExchange exchange, int status, String document) throws IOException {
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/xml;charset=UTF-8");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
