package dev.berth.protocol;

import dev.berth.lifecycle.VolumeService;
import dev.berth.lifecycle.VolumeStatus;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.function.Function;

/**
 * The calls that are answered from memory and change nothing: the engine sends them around all
 * others, and in numbers. They are answered on the event loop, before the REST layer, which alone
 * would take longer than they do.
 */
@Singleton
class LocalCalls {
  private static final int AFTER_THE_GATE = 800;

  private final VolumeService volumes;
  private final Map<String, Function<byte[], Wire.Reply>> calls =
      Map.of(
          "/VolumeDriver.Capabilities", this::capabilities,
          "/VolumeDriver.Get", this::get,
          "/VolumeDriver.Path", this::path,
          "/VolumeDriver.List", this::list);

  LocalCalls(VolumeService volumes) {
    this.volumes = volumes;
  }

  void register(@Observes Filters filters) {
    filters.register(this::route, AFTER_THE_GATE);
  }

  private void route(RoutingContext routed) {
    Function<byte[], Wire.Reply> call = calls.get(String.valueOf(routed.request().path()));
    if (call == null || !routed.request().method().equals(HttpMethod.POST)) {
      routed.next();
    } else {
      routed
          .request()
          .body()
          .onFailure(routed::fail)
          .onSuccess(body -> answer(call, body.getBytes(), routed));
      // Quarkus pauses requests until the REST layer takes them.
      routed.request().resume();
    }
  }

  private static void answer(
      Function<byte[], Wire.Reply> call, byte[] body, RoutingContext routed) {
    HttpServerResponse response = routed.response();
    Wire.Reply reply;
    try {
      reply = call.apply(body);
    } catch (Throwable e) {
      ErrorMapper.Failure failure = ErrorMapper.Failure.of(e);
      response.setStatusCode(failure.status()).putHeader(ErrorMapper.KIND, failure.kind());
      reply = new Wire.Done(failure.message());
    }
    try {
      response
          .putHeader(HttpHeaders.CONTENT_TYPE, Wire.MEDIA_TYPE)
          .end(Buffer.buffer(ReplyWriter.bytes(reply)));
    } catch (IOException e) {
      routed.fail(e);
    }
  }

  private Wire.Reply capabilities(byte[] body) {
    RequestReader.read(body);
    return new Wire.Capable(new Wire.Capabilities(volumes.shared() ? "global" : "local"), "");
  }

  private Wire.Reply get(byte[] body) {
    VolumeStatus status = known(body);
    return new Wire.Found(
        new Wire.Described(
            status.volume().name().value(),
            mountpoint(status),
            DateTimeFormatter.ISO_INSTANT.format(status.volume().createdAt()),
            StatusView.of(status, volumes.client(status.volume()))),
        "");
  }

  private Wire.Reply path(byte[] body) {
    return new Wire.Mounted(mountpoint(known(body)), "");
  }

  private Wire.Reply list(byte[] body) {
    RequestReader.read(body);
    return new Wire.Listed(
        volumes.made().stream()
            .map(status -> new Wire.Entry(status.volume().name().value(), mountpoint(status)))
            .toList(),
        "");
  }

  private VolumeStatus known(byte[] body) {
    VolumeName name = RequestReader.name(RequestReader.read(body));
    return volumes
        .made(name)
        .orElseThrow(() -> new VolumeException.NotFound("no such volume: " + name));
  }

  private String mountpoint(VolumeStatus status) {
    return volumes.mountpoint(status.volume()).toString();
  }
}
