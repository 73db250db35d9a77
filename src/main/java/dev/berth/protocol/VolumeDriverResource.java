package dev.berth.protocol;

import static dev.berth.protocol.RequestReader.id;
import static dev.berth.protocol.RequestReader.name;
import static dev.berth.protocol.RequestReader.options;

import dev.berth.lifecycle.VolumeService;
import dev.berth.lifecycle.VolumeStatus;
import dev.berth.volume.MountId;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The nine calls of the engine. Those that answer from memory run on the event loop, the others on
 * a virtual thread each.
 */
@Path("/")
@Produces(Wire.MEDIA_TYPE)
public class VolumeDriverResource {
  private final VolumeService volumes;

  public VolumeDriverResource(VolumeService volumes) {
    this.volumes = volumes;
  }

  @POST
  @Path("Plugin.Activate")
  @NonBlocking
  public Wire.Reply activate() {
    volumes.engineActivated();
    return new Wire.Activated(List.of("VolumeDriver"));
  }

  @POST
  @Path("VolumeDriver.Capabilities")
  @NonBlocking
  public Wire.Reply capabilities(byte @Nullable [] body) {
    RequestReader.read(body);
    return new Wire.Capable(new Wire.Capabilities(volumes.shared() ? "global" : "local"), "");
  }

  @POST
  @Path("VolumeDriver.Create")
  @RunOnVirtualThread
  public Wire.Reply create(byte @Nullable [] body) {
    Wire.Request request = RequestReader.read(body);
    volumes.create(name(request), options(request));
    return Wire.Done.OK;
  }

  @POST
  @Path("VolumeDriver.Remove")
  @RunOnVirtualThread
  public Wire.Reply remove(byte @Nullable [] body) {
    volumes.remove(name(RequestReader.read(body)));
    return Wire.Done.OK;
  }

  @POST
  @Path("VolumeDriver.Mount")
  @RunOnVirtualThread
  public Wire.Reply mount(byte @Nullable [] body, @Context HttpServerResponse response) {
    Wire.Request request = RequestReader.read(body);
    VolumeName name = name(request);
    MountId id = id(request);
    java.nio.file.Path mountpoint = volumes.mount(name, id);
    if (response.closed()) {
      volumes.abandonMount(name, id);
    }
    return new Wire.Mounted(mountpoint.toString(), "");
  }

  @POST
  @Path("VolumeDriver.Unmount")
  @RunOnVirtualThread
  public Wire.Reply unmount(byte @Nullable [] body) {
    Wire.Request request = RequestReader.read(body);
    volumes.unmount(name(request), id(request));
    return Wire.Done.OK;
  }

  @POST
  @Path("VolumeDriver.Path")
  @NonBlocking
  public Wire.Reply path(byte @Nullable [] body) {
    return new Wire.Mounted(mountpoint(known(body)), "");
  }

  @POST
  @Path("VolumeDriver.Get")
  @NonBlocking
  public Wire.Reply get(byte @Nullable [] body) {
    VolumeStatus status = known(body);
    return new Wire.Found(
        new Wire.Described(
            status.volume().name().value(),
            mountpoint(status),
            DateTimeFormatter.ISO_INSTANT.format(status.volume().createdAt()),
            StatusView.of(status, volumes.client(status.volume()))),
        "");
  }

  @POST
  @Path("VolumeDriver.List")
  @NonBlocking
  public Wire.Reply list(byte @Nullable [] body) {
    RequestReader.read(body);
    return new Wire.Listed(
        volumes.statuses().stream()
            .map(status -> new Wire.Entry(status.volume().name().value(), mountpoint(status)))
            .toList(),
        "");
  }

  private VolumeStatus known(byte @Nullable [] body) {
    VolumeName name = name(RequestReader.read(body));
    return volumes
        .status(name)
        .orElseThrow(() -> new VolumeException.NotFound("no such volume: " + name));
  }

  private String mountpoint(VolumeStatus status) {
    return volumes.mountpoint(status.volume()).toString();
  }
}
