package dev.berth.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
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
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private final Path proc;

  /** A host of many containers has megabytes of mount tables. */
  private final OneAtATime<List<Namespace>> scan = new OneAtATime<>(this::all);

  public MountNamespaces() {
    this(Path.of("/proc"));
  }

  MountNamespaces(Path proc) {
    this.proc = proc;
  }

  /**
   * One holder for each mount namespace, this one included, that has a mount of the filesystem
   * {@code number} or of the device {@code source}, if it is on one, other than {@code own} in this
   * namespace and the copies that go with it. Reads each namespace once, for all who ask at the
   * same time; a process that ends meanwhile is passed over. Needs root; without it only the
   * caller's processes are seen.
   */
  public List<Holder> holders(DeviceNumber number, Optional<Path> source, Path own) {
    List<Holder> holders = new ArrayList<>();
    List<Namespace> namespaces = scan.get();
    Optional<Copies> copies = Copies.of(own, namespaces);
    for (Namespace namespace : namespaces) {
      namespace.mounts().entries().stream()
          .filter(
              entry ->
                  entry.device().equals(number)
                      || source.map(Path::toString).filter(entry.source()::equals).isPresent())
          .filter(entry -> !(namespace.ours() && entry.mountpoint().is(own)))
          .filter(entry -> copies.filter(all -> all.include(entry, namespace.mounts())).isEmpty())
          .findFirst()
          .ifPresent(entry -> holders.add(holder(namespace.process(), entry)));
    }
    return holders;
  }

  /** A mount that {@code wanted} takes, in whichever namespace. Reads each once. */
  public Optional<MountEntry> find(Predicate<MountEntry> wanted) {
    return scan.get().stream()
        .flatMap(namespace -> namespace.mounts().entries().stream())
        .filter(wanted)
        .findFirst();
  }

  /**
   * A mount namespace.
   *
   * @param process the directory in /proc of one process, or one thread, in it
   * @param ours whether this process is in it
   */
  record Namespace(Path process, boolean ours, MountTable mounts) {}

  /** Each mount namespace that has a process, once; this one is the first. */
  List<Namespace> all() {
    Map<Path, Namespace> found = new LinkedHashMap<>();
    Path self = proc.resolve("self");
    addNamespace(self, true, found);
    for (Path process : processes()) {
      // A process whose main thread has ended goes on, and shows its namespace at the others only.
      if (!addNamespace(process, false, found)) {
        threads(process).forEach(thread -> addNamespace(thread, false, found));
      }
    }
    return List.copyOf(found.values());
  }

  /** Whether the namespace of {@code process}, known already or not, could be read. */
  private static boolean addNamespace(Path process, boolean ours, Map<Path, Namespace> found) {
    Optional<Path> name = namespace(process);
    if (name.isPresent() && !found.containsKey(name.get())) {
      Optional<MountTable> mounts = mounts(process);
      mounts.ifPresent(table -> found.put(name.get(), new Namespace(process, ours, table)));
      return mounts.isPresent();
    }
    return name.isPresent();
  }

  private List<Path> processes() {
    try {
      return numbered(proc);
    } catch (IOException | UncheckedIOException e) {
      throw new HostException.Io("cannot list processes", e);
    }
  }

  /** The threads of a process; none if it has ended. */
  private static List<Path> threads(Path process) {
    try {
      return numbered(process.resolve("task"));
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  private static List<Path> numbered(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children
          .filter(child -> NUMBER.matcher(child.getFileName().toString()).matches())
          .toList();
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

  private Holder holder(Path process, MountEntry entry) {
    Matcher container = CONTAINER.matcher(text(process.resolve("cgroup")));
    return new Holder(
        pid(process),
        text(process.resolve("comm")).strip(),
        container.find() ? Optional.of(container.group()) : Optional.empty(),
        entry.mountpoint());
  }

  private long pid(Path process) {
    String name = proc.relativize(process).getName(0).toString();
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
