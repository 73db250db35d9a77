package dev.berth.testing;

import static org.awaitility.Awaitility.await;

import dev.berth.testing.BedOptions.Part;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One Berth, and one engine if wanted, for the tests of a class. After each test all containers and
 * volumes are removed, and Berth must have released everything by itself; at the end nothing may be
 * left on the host.
 */
public final class TestBed implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
  private static final Duration RELEASE = Duration.ofMinutes(1);

  static {
    Awaitility.setDefaultTimeout(RELEASE);
  }

  private static final Path PLUGINS = Path.of("/run/docker/plugins");

  private final BedOptions options;
  private final String driver;
  private final CleanUp cleanUp = new CleanUp();
  private Path work;
  private BerthProcess berth;
  private DockerEngine engine;
  private RecordingProxy proxy;
  private SlowTools tools;
  private Steps steps;
  private HostDisk disk;

  public TestBed(BedOptions options) {
    this.options = options;
    driver =
        options
            .driver()
            .orElseGet(() -> "berthit" + ThreadLocalRandom.current().nextInt(1_000_000));
  }

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    begin(context.getRequiredTestClass().getSimpleName());
  }

  /**
   * Starts all that was asked for.
   *
   * @param name of the directory for its logs
   */
  void begin(String name) throws IOException {
    try {
      start(Path.of("target", "system-test-logs", name));
    } catch (IOException | RuntimeException | Error e) {
      try {
        end();
      } catch (AssertionError more) {
        e.addSuppressed(more);
      }
      throw e;
    }
  }

  private void start(Path logs) throws IOException {
    work = Files.createTempDirectory("berth-it-");
    cleanUp.add("delete " + work, () -> delete(work));
    cleanUp.add("leave the host as it was", () -> new LeftoverCheck(work).failIfAny());
    Files.createDirectories(PLUGINS);
    Path dockerSocket = socket(driver + ".sock");
    Path socket = options.has(Part.RECORDING) ? work.resolve("berth.sock") : dockerSocket;
    Map<String, String> settings = new HashMap<>(options.settings());
    tools = new SlowTools(work.resolve("tools"));
    settings.put("PATH", tools.path());
    options.cloud().ifPresent(cloud -> settings.putAll(started(cloud)));
    if (options.has(Part.STEPS)) {
      steps = new Steps(work.resolve("steps"));
      settings.put("BERTH_JAVA_OPTIONS", steps.javaOption());
    }
    if (options.has(Part.DISK)) {
      disk = new HostDisk(work.resolve("disk.img"), root());
      cleanUp.add("unmount the disk", this::unmountDisk);
      disk.make();
    }
    proxy = new RecordingProxy(dockerSocket, socket);
    cleanUp.add("end the proxy", proxy::close);
    startBerth(
        new BerthProcess(root(), socket, logs.resolve("berth.log").toAbsolutePath(), settings));
    if (options.has(Part.RECORDING)) {
      proxy.start();
    }
    if (options.has(Part.ENGINE)) {
      startEngine(logs.resolve("dockerd.log").toAbsolutePath());
    }
  }

  /** Of the plugin; gone at the end. */
  private Path socket(String name) {
    Path socket = PLUGINS.resolve(name);
    cleanUp.add("delete " + socket, () -> deleteQuietly(socket));
    cleanUp.add("delete its lock", () -> deleteQuietly(PLUGINS.resolve(name + ".lock")));
    return socket;
  }

  private Map<String, String> started(Cloud cloud) {
    cleanUp.add("stop the cloud", cloud::stop);
    cloud.start(work.resolve("cloud"));
    return cloud.settings();
  }

  private void startBerth(BerthProcess process) {
    berth = process;
    if (options.has(Part.PRIVATE_MOUNTS)) {
      berth.through("unshare", "--mount", "--propagation", "private");
    }
    if (options.has(Part.WITHOUT_PTRACE)) {
      berth.through("setpriv", "--bounding-set=-sys_ptrace");
    }
    cleanUp.add("stop Berth", this::stopBerth);
    berth.start();
  }

  private void startEngine(Path log) {
    engine = new DockerEngine(work.resolve("engine"), log, options.has(Part.LIVE_RESTORE));
    cleanUp.add("unmount what the engine has left", engine::unmountLeftovers);
    cleanUp.add("stop the engine", this::stopEngine);
    engine.start();
    Images.importInto(engine, work);
  }

  private void stopEngine() {
    if (engine.isRunning()) {
      engine.stop();
    }
  }

  private void stopBerth() {
    if (berth.isRunning()) {
      berth.stop();
    }
  }

  private void unmountDisk() {
    if (disk.mounted()) {
      disk.unmount();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    CleanUp test = new CleanUp();
    test.add("be left without a trace of " + context.getDisplayName(), this::awaitNoTraces);
    test.add("remove the volumes that are left", this::removeVolumes);
    if (engine != null) {
      test.add("remove Docker's volumes", () -> removeAll(dockerVolumes(), "volume", "rm"));
      test.add("remove the containers", () -> removeAll(containerIds(), "rm"));
      test.add("have an engine", this::ensureEngine);
    }
    test.add("have a Berth", this::ensureBerth);
    if (disk != null) {
      test.add("empty the disk", disk::empty);
    }
    test.add("give the tools back", tools::clear);
    test.run();
  }

  private void ensureBerth() {
    if (!berth.isRunning()) {
      berth.start();
    }
  }

  private void ensureEngine() {
    if (!engine.isRunning()) {
      engine.start();
    }
  }

  private List<String> containerIds() {
    return engine.docker("ps", "--all", "--quiet").lines();
  }

  private List<String> dockerVolumes() {
    return engine.docker("volume", "ls", "--quiet", "--filter", "driver=" + driver).lines();
  }

  private void removeAll(List<String> names, String... verb) {
    CleanUp each = new CleanUp();
    for (String name : names.reversed()) {
      List<String> line = new ArrayList<>(List.of(verb));
      line.addAll(List.of("--force", name));
      each.add("remove " + name, () -> engine.docker(line.toArray(String[]::new)));
    }
    each.run();
  }

  private void removeVolumes() {
    await("volumes removed")
        .atMost(RELEASE)
        .until(
            () ->
                client().names().stream()
                    .allMatch(name -> client().remove(name).error().isEmpty()));
  }

  private void awaitNoTraces() {
    await("no mount or loop device left").atMost(RELEASE).until(() -> volumeTraces().isEmpty());
  }

  /** Mounts and loop devices of volumes that are there now. */
  public List<String> volumeTraces() {
    Traces traces = new Traces(root());
    Map<String, String> devices = new HashMap<>(traces.loopDevices());
    devices.putAll(new Traces(imageDirectory()).loopDevices());
    return Stream.concat(traces.mounts().stream(), devices.values().stream()).toList();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    end();
  }

  /** Ends all that was started; what fails is told when nothing is left to do. */
  void end() {
    cleanUp.run();
  }

  private static void delete(Path directory) {
    Run.of("rm", "-rf", "--one-file-system", "--", directory.toString()).succeed();
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A directory of this class's own, short enough for sockets. */
  public Path work() {
    return work;
  }

  /** Berth's state directory. */
  public Path root() {
    return work.resolve("root");
  }

  public String driver() {
    return driver;
  }

  public BerthProcess berth() {
    return berth;
  }

  /** Speaks to Berth itself, past the proxy. */
  public PluginClient client() {
    return berth.client();
  }

  public DockerEngine engine() {
    return engine;
  }

  public Containers containers() {
    return new Containers(engine, driver);
  }

  public RecordingProxy proxy() {
    return proxy;
  }

  public SlowTools tools() {
    return tools;
  }

  /** Where Berth is, if {@link BedOptions#holdingSteps} was asked for. */
  public Steps steps() {
    return steps;
  }

  /** The filesystem of Berth's root, if {@link BedOptions#onItsOwnDisk} was asked for. */
  public HostDisk disk() {
    return disk;
  }

  /** Where a volume's files are while it is mounted. */
  public Path data(String volume) {
    return mountpoint(volume).resolve("_data");
  }

  public Path mountpoint(String volume) {
    return root().resolve("mnt").resolve(volume);
  }

  public boolean mounted(String volume) {
    return new Traces(root()).mounts().contains(mountpoint(volume).toString());
  }

  public void awaitReleased(String volume) {
    await(volume + " unmounted and detached")
        .atMost(RELEASE)
        .until(() -> !mounted(volume) && !attached(volume));
  }

  public boolean attached(String volume) {
    return new Traces(imageDirectory())
        .loopDevices().values().stream().anyMatch(file -> file.contains("/" + volume + "."));
  }

  /**
   * Everything in {@link #work} that is not Berth's to write, for comparison; without the log of
   * the tools.
   */
  public List<String> filesOutsideRoot() {
    return Run.of("find", work.toString(), "-path", root().toString(), "-prune", "-o", "-print")
        .succeed()
        .lines()
        .stream()
        .filter(file -> !file.endsWith("/tools/log"))
        .toList();
  }

  /** The files that hold a volume's data. */
  public List<Path> images(String volume) {
    return allImages().stream()
        .filter(file -> file.getFileName().toString().startsWith(volume + "."))
        .toList();
  }

  /** Where the files are that hold what volumes have. */
  public Path imageDirectory() {
    return options.cloud().flatMap(Cloud::images).orElseGet(() -> root().resolve("loop"));
  }

  /** The files that hold the data of all volumes. */
  public List<Path> allImages() {
    Path directory = imageDirectory();
    if (Files.notExists(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.getFileName().toString().endsWith(".img")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
