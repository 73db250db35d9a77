package dev.berth.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  private static final long FIRST = 1;

  /** PROC_PID_INIT_INO of the kernel. */
  private static final Path FIRST_PIDS = Path.of("pid:[4026531836]");

  private final Path proc;

  /** A host of many containers has megabytes of mount tables. */
  private final OneAtATime<Map<Object, Namespace>> scan = new OneAtATime<>(this::scan);

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
   * same time; a process that ends meanwhile is passed over, one that lives and cannot be looked at
   * is a {@link HostException.Io}. Needs root.
   */
  public List<Holder> holders(DeviceNumber number, Optional<Path> source, Path own) {
    List<Holder> holders = new ArrayList<>();
    Map<Object, Namespace> namespaces = scan.get();
    Optional<Copies> copies = Copies.of(own, List.copyOf(namespaces.values()));
    namespaces.forEach(
        (name, namespace) ->
            namespace.mounts().entries().stream()
                .filter(
                    entry ->
                        entry.device().equals(number)
                            || source
                                .map(Path::toString)
                                .filter(entry.source()::equals)
                                .isPresent())
                .filter(entry -> !(namespace.ours() && entry.mountpoint().is(own)))
                .filter(
                    entry -> copies.filter(all -> all.include(entry, namespace.mounts())).isEmpty())
                .findFirst()
                .ifPresent(
                    entry ->
                        holders.add(
                            holder(
                                name instanceof Path known ? Optional.of(known) : Optional.empty(),
                                namespace.process(),
                                entry))));
    return holders;
  }

  /** A mount that {@code wanted} takes, in whichever namespace. Reads each once. */
  public Optional<MountEntry> find(Predicate<MountEntry> wanted) {
    return scan.get().values().stream()
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

  /** That of this process, whatever can be seen of others. */
  Namespace own() {
    ProcessMounts self = self();
    return new Namespace(
        self.directory(), true, self.mounts().orElseThrow(MountNamespaces::notMounted));
  }

  /** Each mount namespace that has a process, once; this one is the first. */
  List<Namespace> all() {
    return List.copyOf(scan().values());
  }

  /**
   * By name. A process whose namespace is not named is in one that is the same to all who see the
   * very same mounts.
   */
  private Map<Object, Namespace> scan() {
    if (Files.notExists(proc.resolve("1"))) {
      throw new HostException.Unexpected(
          "/proc does not show process 1, so others may be hidden too; Berth needs CAP_SYS_PTRACE or a /proc without hidepid");
    }
    Scan scanned = new Scan();
    scanned.addOurs(self());
    for (ProcessMounts process : ProcessMounts.all(proc)) {
      // A process whose main thread has ended goes on, and shows its namespace at the others only.
      if (!scanned.add(process)) {
        process.threads().forEach(scanned::add);
      }
    }
    return scanned.found;
  }

  private ProcessMounts self() {
    return new ProcessMounts(proc.resolve("self"));
  }

  /** The namespaces that were found so far, by name or, where there is none, by what is in them. */
  private static final class Scan {
    private final Map<Object, Namespace> found = new LinkedHashMap<>();
    private final Set<List<Object>> ours = new HashSet<>();

    void addOurs(ProcessMounts self) {
      MountTable mounts = self.mounts().orElseThrow(MountNamespaces::notMounted);
      Optional<Path> name = self.namespace();
      found.put(
          name.isPresent() ? name.get() : mounts.entries(),
          new Namespace(self.directory(), true, mounts));
      identities(mounts).forEach(ours::add);
    }

    /** Whether {@code process} is in a namespace, known already or not; else it has ended. */
    boolean add(ProcessMounts process) {
      Optional<Path> name = process.namespace();
      if (name.filter(found::containsKey).isPresent()) {
        return true;
      }
      Optional<MountTable> mounts = name.isPresent() ? process.allMounts() : process.mounts();
      mounts
          .filter(table -> name.isPresent() || !isOurs(table))
          .ifPresent(
              table ->
                  found.putIfAbsent(
                      name.isPresent() ? name.get() : table.entries(),
                      new Namespace(process.directory(), false, table)));
      return mounts.isPresent();
    }

    /**
     * Numbers of mounts are unique on a host. A process with another root sees some of ours, with
     * the same numbers, at other paths.
     */
    private boolean isOurs(MountTable table) {
      return identities(table).allMatch(ours::contains);
    }

    private static Stream<List<Object>> identities(MountTable table) {
      return table.entries().stream()
          .map(entry -> List.of(entry.id(), entry.parent(), entry.device(), entry.root()));
    }
  }

  /**
   * What the process {@code pid} meets at {@code path}, if that is not what this process meets
   * there; empty if it is the same. A process in this process's namespace is known by that alone.
   * One that has ended is taken for process 1, in whose namespace an engine is as a rule. What
   * cannot be read is a {@link HostException.Io}.
   */
  public Optional<Sight> otherSight(long pid, Path path) {
    ProcessMounts process = process(pid);
    if (isHere(process)) {
      return Optional.empty();
    }
    Optional<MountTable> theirs = process.mounts();
    if (theirs.isEmpty()) {
      return pid == FIRST
          ? Optional.of(new Sight(pid, command(process), "nothing that Berth could read"))
          : otherSight(FIRST, path);
    }
    Optional<MountEntry> here = ownMounts().covering(path);
    Optional<MountEntry> there = theirs.get().covering(path);
    if (here.isPresent() && there.filter(entry -> isSame(entry, here.get(), path)).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        new Sight(
            pid,
            command(process),
            there
                .map(entry -> "%s, mounted at %s".formatted(entry.source(), entry.mountpoint()))
                .orElse("nothing")));
  }

  /**
   * What a process of another mount namespace meets at a path.
   *
   * @param command the short name of the process
   * @param met for people
   */
  public record Sight(long pid, String command, String met) {}

  /**
   * Whether what will be mounted below {@code directory} in this namespace appears at the same
   * place for process 1, and so, as a rule, for an engine. Unreadable: {@link HostException.Io}.
   */
  public boolean arePassedOnToFirst(Path directory) {
    ProcessMounts first = process(FIRST);
    if (isHere(first)) {
      return true;
    }
    Optional<MountEntry> here = ownMounts().covering(directory);
    Optional<MountEntry> there = first.mounts().flatMap(table -> table.covering(directory));
    Optional<Integer> group = here.flatMap(entry -> entry.propagation().peers());
    return group.isPresent()
        && there
            .filter(entry -> entry.propagation().follows(Set.of(group.get())))
            .filter(entry -> isSame(entry, here.get(), directory))
            .isPresent();
  }

  /**
   * Whether this process sees all processes of the host, and not only those of a container: it is
   * in the first of all pid namespaces. False does not mean that it cannot see the engine.
   */
  public boolean seesAllProcesses() {
    try {
      return Files.readSymbolicLink(self().directory().resolve("ns/pid")).equals(FIRST_PIDS);
    } catch (IOException e) {
      throw new HostException.Io("cannot read the pid namespace of this process", e);
    }
  }

  /** Whether both are the same file of the same filesystem at {@code path}. */
  private static boolean isSame(MountEntry one, MountEntry other, Path path) {
    return one.device().equals(other.device()) && place(one, path).equals(place(other, path));
  }

  private static String place(MountEntry entry, Path path) {
    String root = entry.root().equals("/") ? "" : entry.root();
    return root + entry.mountpoint().pathTo(MountPoint.of(path)).orElseThrow();
  }

  private boolean isHere(ProcessMounts process) {
    Optional<Path> name = process.namespace();
    return name.isPresent() && name.equals(self().namespace());
  }

  private ProcessMounts process(long pid) {
    return new ProcessMounts(proc.resolve(Long.toString(pid)));
  }

  private MountTable ownMounts() {
    return self().mounts().orElseThrow(MountNamespaces::notMounted);
  }

  private static HostException notMounted() {
    return new HostException.Unexpected("/proc is not mounted");
  }

  private static String command(ProcessMounts process) {
    return text(process.directory().resolve("comm")).strip();
  }

  private Holder holder(Optional<Path> namespace, Path process, MountEntry entry) {
    Matcher container = CONTAINER.matcher(text(process.resolve("cgroup")));
    return new Holder(
        pid(process),
        command(new ProcessMounts(process)),
        container.find() ? Optional.of(container.group()) : Optional.empty(),
        entry.mountpoint(),
        namespace);
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
