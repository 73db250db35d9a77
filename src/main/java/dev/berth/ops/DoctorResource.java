package dev.berth.ops;

import dev.berth.admin.AdminWire.FindingView;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What {@code berth doctor} shows. */
@Path("/v1/doctor")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class DoctorResource {
  private final HostChecks checks;
  private final ManagementServer management;

  public DoctorResource(HostChecks checks, ManagementServer management) {
    this.checks = checks;
    this.management = management;
  }

  @GET
  public List<FindingView> findings() {
    return Stream.concat(checks.all().stream(), Stream.of(management.finding()))
        .map(
            finding ->
                new FindingView(
                    finding.check(),
                    finding.severity().name().toLowerCase(Locale.ROOT),
                    finding.message()))
        .toList();
  }
}
