package dev.berth.host;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells those who held a filesystem when it was first looked at from those who came later. The
 * kernel gives the name of a mount namespace that has gone to the next one; as long as this is
 * open, it does not, since the namespaces of the first are kept open here.
 */
public final class HolderWatch implements AutoCloseable {
  private final Map<Path, Optional<FileChannel>> first = new HashMap<>();
  private boolean unnamed;

  private HolderWatch() {}

  /** Remembers {@code holders}, whom a look has just found. */
  public static HolderWatch of(List<Holder> holders) {
    HolderWatch watch = new HolderWatch();
    for (Holder holder : holders) {
      holder
          .namespace()
          .ifPresentOrElse(
              name -> watch.first.computeIfAbsent(name, known -> open(holder, known)),
              () -> watch.unnamed = true);
    }
    return watch;
  }

  /**
   * Whether one of the first is among {@code holders}, found by a later look. In doubt it is: where
   * a namespace is not named, or could not be kept open.
   */
  public boolean seesFirst(List<Holder> holders) {
    return holders.stream()
        .map(Holder::namespace)
        .anyMatch(name -> name.map(first::containsKey).orElse(unnamed));
  }

  /** Nothing, if its process has left meanwhile: then its name may be another's by now. */
  private static Optional<FileChannel> open(Holder holder, Path name) {
    Path link = Path.of("/proc", Long.toString(holder.pid()), "ns/mnt");
    try {
      FileChannel namespace = FileChannel.open(link);
      if (Files.readSymbolicLink(link).equals(name)) {
        return Optional.of(namespace);
      }
      namespace.close();
    } catch (IOException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    for (Optional<FileChannel> namespace : first.values()) {
      try {
        if (namespace.isPresent()) {
          namespace.get().close();
        }
      } catch (IOException e) {
        throw new HostException.Io("cannot close a mount namespace", e);
      }
    }
  }
}
