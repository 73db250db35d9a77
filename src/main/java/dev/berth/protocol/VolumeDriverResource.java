package dev.berth.protocol;

import static dev.berth.protocol.RequestReader.id;
import static dev.berth.protocol.RequestReader.name;
import static dev.berth.protocol.RequestReader.options;

import dev.berth.lifecycle.VolumeService;
import dev.berth.volume.MountId;
import dev.berth.volume.VolumeName;
import io.smallrye.common.annotation.NonBlocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls of the engine that change something, each on a virtual thread, and the one that
 * announces it. {@link LocalCalls} has the others.
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
  public Wire.Reply mount(
      byte @Nullable [] body,
      @Context HttpServerRequest call,
      @Context HttpServerResponse response) {
    Wire.Request request = RequestReader.read(body);
    VolumeName name = name(request);
    MountId id = id(request);
    java.nio.file.Path mountpoint = volumes.mount(name, id, Callers.of(call));
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
}
