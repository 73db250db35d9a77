package dev.berth.ops;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.util.Locale;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/**
 * Alive: the process answers. Ready: volumes can be created and mounted. Every user of the host may
 * ask, so no volume is named: {@code berth doctor} does that.
 */
@ApplicationScoped
public class Health {
  private final HealthProbe probe;

  public Health(HealthProbe probe) {
    this.probe = probe;
  }

  @Produces
  @Liveness
  HealthCheck alive() {
    return () -> HealthCheckResponse.up("process");
  }

  @Produces
  @Readiness
  HealthCheck ledger() {
    return () -> response("ledger");
  }

  @Produces
  @Readiness
  HealthCheck tools() {
    return () -> response("tools");
  }

  @Produces
  @Readiness
  HealthCheck root() {
    return () -> response("root");
  }

  @Produces
  @Readiness
  HealthCheck space() {
    return () -> response("space");
  }

  @Produces
  @Readiness
  HealthCheck clients() {
    return () -> response("clients");
  }

  @Produces
  @Readiness
  HealthCheck confinement() {
    return () -> response("confinement");
  }

  private HealthCheckResponse response(String name) {
    HealthCheckResponseBuilder response = HealthCheckResponse.named(name).up();
    for (Finding finding : probe.findings(name)) {
      response.withData(finding.severity().name().toLowerCase(Locale.ROOT), finding.message());
      if (finding.severity() == Finding.Severity.ERROR) {
        response.down();
      }
    }
    return response.build();
  }
}
