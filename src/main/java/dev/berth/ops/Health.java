package dev.berth.ops;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Alive: the process answers. Ready: volumes can be created and mounted. */
@ApplicationScoped
public class Health {
  private final HostChecks checks;
  private final MountClients clients;
  private final Confinement confinement;

  public Health(HostChecks checks, MountClients clients, Confinement confinement) {
    this.checks = checks;
    this.clients = clients;
    this.confinement = confinement;
  }

  @Produces
  @Liveness
  HealthCheck alive() {
    return () -> HealthCheckResponse.up("process");
  }

  @Produces
  @Readiness
  HealthCheck ledger() {
    return () -> response("ledger", () -> List.of(checks.ledger()));
  }

  @Produces
  @Readiness
  HealthCheck tools() {
    return () -> response("tools", checks::tools);
  }

  @Produces
  @Readiness
  HealthCheck root() {
    return () -> response("root", () -> List.of(checks.root()));
  }

  @Produces
  @Readiness
  HealthCheck clients() {
    return () -> response("clients", () -> List.of(clients.finding()));
  }

  @Produces
  @Readiness
  HealthCheck confinement() {
    return () -> response("confinement", confinement::all);
  }

  private static HealthCheckResponse response(String name, Supplier<List<Finding>> check) {
    HealthCheckResponseBuilder response = HealthCheckResponse.named(name).up();
    for (Finding finding : check.get()) {
      response.withData(
          finding.severity().name().toLowerCase(java.util.Locale.ROOT), finding.message());
      if (finding.severity() == Finding.Severity.ERROR) {
        response.down();
      }
    }
    return response.build();
  }
}
