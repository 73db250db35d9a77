package dev.berth.host;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * With which other mounts a mount shares what is mounted and unmounted in it, see
 * mount_namespaces(7). Groups are numbered for the whole host.
 *
 * @param peers the group it gives to and receives from
 * @param masters the groups it receives from, at once or through others
 */
public record Propagation(Optional<Integer> peers, Set<Integer> masters) {
  private static final String PEERS = "shared:";
  private static final List<String> MASTERS = List.of("master:", "propagate_from:");

  /** Reads the optional fields of a line of mountinfo; unknown ones are to be passed over. */
  static Propagation parse(List<String> fields) {
    Optional<Integer> peers = Optional.empty();
    Set<Integer> masters = new HashSet<>();
    for (String field : fields) {
      if (field.startsWith(PEERS)) {
        peers = Optional.of(number(field));
      } else if (MASTERS.stream().anyMatch(field::startsWith)) {
        masters.add(number(field));
      }
    }
    return new Propagation(peers, Set.copyOf(masters));
  }

  private static int number(String field) {
    return Integer.parseInt(field.substring(field.indexOf(':') + 1));
  }

  /** Whether there may be such other mounts. */
  boolean any() {
    return peers.isPresent() || !masters.isEmpty();
  }

  /** Whether what happens in one of the {@code groups} happens here too. */
  boolean follows(Set<Integer> groups) {
    return peers.filter(groups::contains).isPresent()
        || masters.stream().anyMatch(groups::contains);
  }
}
