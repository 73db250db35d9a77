package dev.berth.ops;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * What readiness is told, for anybody who asks. The host is looked at once in five seconds at most,
 * for all callers together, since a look writes; and by one thread for each check, which a disk
 * that does not answer holds for as long as it likes, while callers wait ten seconds.
 */
@ApplicationScoped
public class HealthProbe {
  private static final Logger LOG = Logger.getLogger(HealthProbe.class);
  private static final Duration FRESH = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Map<String, Probe> probes = new TreeMap<>();

  @Inject
  public HealthProbe(HostChecks host, MountClients clients, Confinement confinement) {
    this(
        Map.of(
            "ledger", () -> List.of(host.ledger()),
            "tools", host::tools,
            "root", () -> List.of(host.root()),
            "space", () -> List.of(host.space()),
            "clients", () -> List.of(clients.counted()),
            "confinement", confinement::all),
        System::nanoTime);
  }

  HealthProbe(Map<String, Supplier<List<Finding>>> checks, LongSupplier nanos) {
    checks.forEach((name, check) -> probes.put(name, new Probe(check, nanos)));
  }

  /** What the check of that name found a moment ago. */
  List<Finding> findings(String check) {
    try {
      return Objects.requireNonNull(probes.get(check), check)
          .current()
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return List.of(
          Finding.error(
              check,
              "the check does not end within %d s; does the disk answer?"
                  .formatted(PATIENCE.toSeconds())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of(Finding.error(check, "Berth stops"));
    } catch (ExecutionException e) {
      LOG.errorf(e.getCause(), "the check of %s failed", check);
      return List.of(Finding.error(check, "the check failed; see Berth's log"));
    }
  }

  /** One check, and the last look. */
  private static final class Probe {
    private final Supplier<List<Finding>> check;
    private final LongSupplier nanos;
    private CompletableFuture<List<Finding>> latest = CompletableFuture.completedFuture(List.of());
    private long startedNanos;

    Probe(Supplier<List<Finding>> check, LongSupplier nanos) {
      this.check = check;
      this.nanos = nanos;
      startedNanos = nanos.getAsLong() - FRESH.toNanos();
    }

    synchronized CompletableFuture<List<Finding>> current() {
      long now = nanos.getAsLong();
      if (latest.isDone() && now - startedNanos >= FRESH.toNanos()) {
        CompletableFuture<List<Finding>> next = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("readiness").start(() -> look(next));
        startedNanos = now;
        latest = next;
      }
      return latest;
    }

    private void look(CompletableFuture<List<Finding>> result) {
      try {
        result.complete(check.get());
      } catch (RuntimeException | Error e) {
        result.completeExceptionally(e);
      }
    }
  }
}
