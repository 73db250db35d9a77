package dev.berth.ops;

import dev.berth.lifecycle.LocalView;
import dev.berth.lifecycle.Operations;
import dev.berth.lifecycle.VolumeStatus;
import dev.berth.volume.MountClient;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/**
 * How many volumes there are, how many are mounted here, how many are in trouble, how many
 * operations run; and how the processes do that serve mounts.
 */
@ApplicationScoped
public class VolumeMetrics {
  private final LocalView view;
  private final Operations operations;
  private final MountClients clients;

  public VolumeMetrics(LocalView view, Operations operations, MountClients clients) {
    this.view = view;
    this.operations = operations;
    this.clients = clients;
  }

  void register(@Observes StartupEvent event, MeterRegistry meters) {
    for (String state : List.of("creating", "ready", "deleting")) {
      Gauge.builder("berth.volumes", view, known -> inState(known, state))
          .description("Volumes, by state")
          .tag("state", state)
          .register(meters);
    }
    Gauge.builder("berth.mounts", view, VolumeMetrics::mounted)
        .description("Volumes mounted on this host")
        .register(meters);
    Gauge.builder("berth.troubles", view, VolumeMetrics::troubled)
        .description("Volumes whose last operation failed, or whose filesystem did")
        .register(meters);
    Gauge.builder("berth.operations", operations, Operations::running)
        .description("Operations that run now, those included whose callers have gone")
        .register(meters);
    registerClients(meters);
  }

  private void registerClients(MeterRegistry meters) {
    for (MountClient.State state : MountClient.State.values()) {
      Gauge.builder("berth.clients", clients, all -> all.in(state))
          .description("Processes that serve mounts, by state")
          .tag("state", state.word())
          .register(meters);
    }
    FunctionCounter.builder("berth.client.restarts", clients, MountClients::restarts)
        .description("Processes that served a mount and had to be replaced")
        .register(meters);
    Gauge.builder("berth.client.cache", clients, MountClients::cacheBytes)
        .description("What the caches of mounted volumes take on this host")
        .baseUnit("bytes")
        .register(meters);
  }

  private static double inState(LocalView view, String state) {
    return view.all().stream()
        .filter(status -> status.volume().state().word().equals(state))
        .count();
  }

  private static double mounted(LocalView view) {
    return view.all().stream().filter(VolumeStatus::mounted).count();
  }

  private static double troubled(LocalView view) {
    return view.all().stream().filter(status -> status.lastError().isPresent()).count();
  }
}
