package dev.berth.ops;

import dev.berth.backend.Backends;
import dev.berth.backend.Supervised;
import dev.berth.volume.MountClient;
import dev.berth.volume.MountClient.State;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.stream.Collectors;

/** The processes that serve mounts on this host, of all backends that have some. */
@ApplicationScoped
public class MountClients {
  private final List<Supervised> backends;

  public MountClients(Backends all) {
    backends =
        all.all().stream()
            .filter(Supervised.class::isInstance)
            .map(Supervised.class::cast)
            .toList();
  }

  private List<MountClient> all() {
    return backends.stream().flatMap(backend -> backend.clients().stream()).toList();
  }

  long in(State state) {
    return all().stream().filter(client -> client.state() == state).count();
  }

  /** What their caches take on this host. */
  long cacheBytes() {
    return all().stream().mapToLong(client -> client.cacheBytes().orElse(0)).sum();
  }

  /** How many had to be replaced since Berth started. */
  long restarts() {
    return backends.stream().mapToLong(Supervised::restarts).sum();
  }

  /** The same in numbers, for those who are not to know what volumes there are. */
  Finding counted() {
    return counted(all());
  }

  static Finding counted(List<MountClient> clients) {
    long unwell = clients.stream().filter(client -> client.state() != State.HEALTHY).count();
    return unwell == 0
        ? Finding.ok("clients", "all clients of mounted volumes are well")
        : Finding.warning(
            "clients",
            "%d of %d clients of mounted volumes are not well; 'berth doctor' names them"
                .formatted(unwell, clients.size()));
  }

  /** A warning if some do not do well; other volumes can be used all the same. */
  Finding finding() {
    List<MountClient> unwell =
        all().stream().filter(client -> client.state() != State.HEALTHY).toList();
    return unwell.isEmpty()
        ? Finding.ok("clients", "all clients of mounted volumes are well")
        : Finding.warning(
            "clients",
            unwell.stream()
                .map(
                    client ->
                        "%s (process %d) is %s: %s"
                            .formatted(
                                client.program(),
                                client.pid(),
                                client.state().word(),
                                client.lastError().orElse("look at its volume with 'berth ls'")))
                .collect(Collectors.joining("; ")));
  }
}
