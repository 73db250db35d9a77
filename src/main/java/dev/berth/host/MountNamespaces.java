package dev.berth.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Who on this host has a filesystem mounted. This, not any count of mount ids, tells whether a
 * volume is used: an unmount in our own namespace succeeds while a container still writes to its
 * own mount of the same filesystem.
 */
public final class MountNamespaces {
  private static final Pattern CONTAINER = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern PID = Pattern.compile("\\d+");
  private final Path proc;

  public MountNamespaces() {
    this(Path.of("/proc"));
  }

  MountNamespaces(Path proc) {
    this.proc = proc;
  }

  /**
   * One holder for each mount namespace, this one included, that has a mount of the filesystem
   * {@code number} or of the device {@code source}, if it is on one, other than {@code own} in this
   * namespace. Reads each namespace once; a process that ends meanwhile is passed over. Needs root;
   * without it only the caller's processes are seen.
   */
  public List<Holder> holders(DeviceNumber number, Optional<Path> source, Path own) {
    List<Holder> holders = new ArrayList<>();
    for (Namespace namespace : all()) {
      namespace.mounts().entries().stream()
          .filter(
              entry ->
                  entry.device().equals(number)
                      || source.map(Path::toString).filter(entry.source()::equals).isPresent())
          .filter(entry -> !(namespace.ours() && entry.mountpoint().is(own)))
          .findFirst()
          .ifPresent(entry -> holders.add(holder(namespace.process(), entry)));
    }
    return holders;
  }

  /**
   * A mount namespace.
   *
   * @param process the directory in /proc of one process in it
   * @param ours whether this process is in it
   */
  record Namespace(Path process, boolean ours, MountTable mounts) {}

  /** Each mount namespace that has a process, once; this one is the first. */
  List<Namespace> all() {
    Set<Path> seen = new HashSet<>();
    List<Namespace> namespaces = new ArrayList<>();
    Path self = proc.resolve("self");
    Optional<Path> ourNamespace = namespace(self);
    for (Path process : Stream.concat(Stream.of(self), processes().stream()).toList()) {
      Optional<Path> namespace = namespace(process);
      if (namespace.isPresent() && seen.add(namespace.get())) {
        boolean ours = namespace.equals(ourNamespace);
        mounts(process).ifPresent(mounts -> namespaces.add(new Namespace(process, ours, mounts)));
      }
    }
    return namespaces;
  }

  private List<Path> processes() {
    try (Stream<Path> children = Files.list(proc)) {
      return children
          .filter(child -> PID.matcher(child.getFileName().toString()).matches())
          .toList();
    } catch (IOException e) {
      throw new HostException.Io("cannot list processes", e);
    }
  }

  private static Optional<Path> namespace(Path process) {
    try {
      return Optional.of(Files.readSymbolicLink(process.resolve("ns/mnt")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<MountTable> mounts(Path process) {
    try {
      return Optional.of(MountTable.read(process.resolve("mountinfo")));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Holder holder(Path process, MountEntry entry) {
    Matcher container = CONTAINER.matcher(text(process.resolve("cgroup")));
    return new Holder(
        pid(process),
        text(process.resolve("comm")).strip(),
        container.find() ? Optional.of(container.group()) : Optional.empty(),
        entry.mountpoint());
  }

  private static long pid(Path process) {
    String name = process.getFileName().toString();
    return name.equals("self") ? ProcessHandle.current().pid() : Long.parseLong(name);
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
