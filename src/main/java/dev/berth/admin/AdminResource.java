package dev.berth.admin;

import dev.berth.admin.AdminWire.ErrorView;
import dev.berth.admin.AdminWire.GrowRequest;
import dev.berth.admin.AdminWire.ReleaseRequest;
import dev.berth.admin.AdminWire.SnapshotView;
import dev.berth.admin.AdminWire.VersionView;
import dev.berth.admin.AdminWire.VolumeView;
import dev.berth.json.JsonBody;
import dev.berth.lifecycle.VolumeService;
import dev.berth.lifecycle.VolumeStatus;
import dev.berth.volume.ByteSize;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jboss.resteasy.reactive.RestResponse.Status;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/**
 * What operators can ask for. Errors are {@code {"error": …}} with a status that fits their kind.
 */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class AdminResource {
  private static final JsonBody<GrowRequest> GROW = new JsonBody<>(GrowRequest.class);
  private static final JsonBody<ReleaseRequest> RELEASE = new JsonBody<>(ReleaseRequest.class);

  private final VolumeService volumes;
  private final String version;

  public AdminResource(
      VolumeService volumes, @ConfigProperty(name = "quarkus.application.version") String version) {
    this.volumes = volumes;
    this.version = version;
  }

  @GET
  @Path("volumes")
  public List<VolumeView> list() {
    return volumes.statuses().stream().map(this::view).toList();
  }

  @GET
  @Path("volumes/{name}")
  public VolumeView inspect(@PathParam("name") String name) {
    return volumes
        .status(new VolumeName(name))
        .map(this::view)
        .orElseThrow(() -> new VolumeException.NotFound("no such volume: " + name));
  }

  @POST
  @Path("volumes/{name}/grow")
  public VolumeView grow(@PathParam("name") String name, byte @Nullable [] body) {
    String size =
        Optional.ofNullable(GROW.read(body).size())
            .orElseThrow(() -> new VolumeException.Invalid("give the new size, e.g. 20GiB"));
    volumes.grow(new VolumeName(name), ByteSize.parse(size));
    return inspect(name);
  }

  @POST
  @Path("volumes/{name}/release")
  public VolumeView release(@PathParam("name") String name, byte @Nullable [] body) {
    ReleaseRequest request = RELEASE.read(body);
    int discarded = volumes.release(new VolumeName(name), request.force(), request.discard());
    VolumeView view = inspect(name);
    return request.discard() ? view.withDiscarded(discarded) : view;
  }

  @POST
  @Path("volumes/{name}/snapshots")
  public SnapshotView takeSnapshot(@PathParam("name") String name) {
    return Views.of(volumes.takeSnapshot(new VolumeName(name)));
  }

  @GET
  @Path("snapshots")
  public List<SnapshotView> snapshots() {
    return volumes.snapshots().stream().map(Views::of).toList();
  }

  @DELETE
  @Path("snapshots/{id}")
  public void deleteSnapshot(@PathParam("id") String id) {
    volumes.deleteSnapshot(id);
  }

  @GET
  @Path("version")
  public VersionView version() {
    return new VersionView(version);
  }

  @ServerExceptionMapper
  public RestResponse<ErrorView> refused(VolumeException e) {
    Status status =
        switch (e) {
          case VolumeException.Invalid _ -> Status.BAD_REQUEST;
          case VolumeException.NotFound _ -> Status.NOT_FOUND;
          case VolumeException.Conflict _,
              VolumeException.Busy _,
              VolumeException.InUse _,
              VolumeException.Refused _ ->
              Status.CONFLICT;
          case VolumeException.Failed _ -> Status.INTERNAL_SERVER_ERROR;
          case VolumeException.InProgress _, VolumeException.UnknownOutcome _ ->
              Status.GATEWAY_TIMEOUT;
        };
    return ResponseBuilder.create(status, new ErrorView(e.getMessage()))
        .type(MediaType.APPLICATION_JSON)
        .build();
  }

  private VolumeView view(VolumeStatus status) {
    return Views.of(
        status, volumes.client(status.volume()), volumes.mountpoint(status.volume()).toString());
  }
}
