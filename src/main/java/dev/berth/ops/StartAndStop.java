package dev.berth.ops;

import dev.berth.lifecycle.LifecycleConfig;
import dev.berth.lifecycle.LifecycleSettings;
import dev.berth.lifecycle.Maintenance;
import dev.berth.lifecycle.Operations;
import dev.berth.lifecycle.OptionDefaults;
import dev.berth.lifecycle.Recovery;
import dev.berth.lifecycle.Sweeper;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.DomainSocketServerStart;
import jakarta.annotation.PreDestroy;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.enterprise.inject.Instance;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The order of things. Start: locks, directories, ledger, local view; then the socket is bound;
 * then what an earlier run left is taken up. Stop: the socket's name goes first, so that the engine
 * waits instead of being refused; calls in flight end, and what goes on without its caller; a copy
 * that takes longer is given up, so that no volume stays frozen; mounts stay.
 */
@ApplicationScoped
public class StartAndStop {
  private static final Logger LOG = Logger.getLogger(StartAndStop.class);
  private static final int FIRST = 1;
  private static final int LONGEST_SOCKET = 107;
  private static final Duration TO_ANSWER = Duration.ofSeconds(5);

  private final OpsConfig config;
  private final Instance<Recovery> recovery;
  private final Instance<Sweeper> sweeper;
  private final Instance<LifecycleConfig> lifecycle;
  private final Instance<OptionDefaults> defaults;
  private final Instance<HostChecks> checks;
  private final Instance<Confinement> confinement;
  private final Operations operations;
  private final Maintenance maintenance;
  private final CallTracker calls;
  private final String buildId = BuildId.ofTheseClasses();
  private final List<InstanceLock> locks = new ArrayList<>();

  public StartAndStop(
      OpsConfig config,
      Instance<Recovery> recovery,
      Instance<Sweeper> sweeper,
      Instance<LifecycleConfig> lifecycle,
      Instance<OptionDefaults> defaults,
      Instance<HostChecks> checks,
      Instance<Confinement> confinement,
      Operations operations,
      Maintenance maintenance,
      CallTracker calls) {
    this.config = config;
    this.recovery = recovery;
    this.sweeper = sweeper;
    this.lifecycle = lifecycle;
    this.defaults = defaults;
    this.checks = checks;
    this.confinement = confinement;
    this.operations = operations;
    this.maintenance = maintenance;
    this.calls = calls;
  }

  void prepare(@Observes @Priority(FIRST) StartupEvent event) throws IOException {
    refuseOtherBuild();
    refuseRoot();
    locks.add(InstanceLock.take(config.root().resolve("lock")));
    locks.add(
        InstanceLock.take(config.socket().resolveSibling(config.socket().getFileName() + ".lock")));
    refuseAnythingButASocket(config.socket());
    LifecycleSettings.check(lifecycle.get());
    defaults.get().check();
    confinement.get().checkAtStart();
    recovery.get().loadView();
    checks.get().tools().stream()
        .filter(finding -> finding.severity() != Finding.Severity.OK)
        .forEach(finding -> LOG.warn(finding.message()));
  }

  /** Before anything is opened there. */
  private void refuseRoot() throws IOException {
    Optional<String> refusal = RootPath.refusal(config.root());
    (refusal.isPresent() ? refusal : RootFilesystem.refusal(config.root()))
        .ifPresent(
            why -> {
              throw new IllegalStateException(why);
            });
  }

  /** The JVM runs the classes of an AOT cache even if the jars were replaced under it. */
  private void refuseOtherBuild() {
    config
        .launchedBuild()
        .filter(launched -> !launched.equals(buildId))
        .ifPresent(
            launched -> {
              throw new IllegalStateException(
                  "the jars are of build %s, the folder is of build %s: copy the whole folder, not single files"
                      .formatted(buildId, launched));
            });
  }

  /** Binding unlinks whatever has the socket's name; only a socket may be lost that way. */
  private static void refuseAnythingButASocket(Path socket) {
    if (Files.isDirectory(socket) || Files.isRegularFile(socket)) {
      throw new IllegalStateException(
          "%s is there and is no socket; remove it or set berth.socket".formatted(socket));
    }
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET) {
      throw new IllegalStateException(
          "berth.socket=%s is too long: the kernel takes %d bytes"
              .formatted(socket, LONGEST_SOCKET));
    }
  }

  void listening(@ObservesAsync DomainSocketServerStart event) throws IOException {
    Files.setPosixFilePermissions(config.socket(), PosixFilePermissions.fromString("rw-------"));
    LOG.infof("Berth %s listens on %s, root %s", buildId, config.socket(), config.root());
    UnknownVariables.ofThisProcess().forEach(LOG::warn);
    recovery.get().resume();
    sweeper.get().start();
  }

  void stopping(@Observes ShutdownDelayInitiatedEvent event)
      throws IOException, InterruptedException {
    LOG.info("Berth stops; mounts stay as they are");
    Files.deleteIfExists(config.socket());
    calls.drain(patience(), () -> operations.running() == 0 && maintenance.running() == 0);
    if (operations.running() > 0) {
      LOG.warnf(
          "Berth waits no longer for what does not end; its next start takes that up: %s",
          String.join(", ", operations.descriptions()));
    }
    maintenance.abandonCopies();
    calls.closeConnections();
  }

  /** No call is answered later than the longest. */
  private Duration patience() {
    Duration longest = LifecycleSettings.longestCall(lifecycle.get()).plus(TO_ANSWER);
    return config.stopTimeout().compareTo(longest) < 0 ? config.stopTimeout() : longest;
  }

  @PreDestroy
  void unlock() throws IOException {
    for (InstanceLock lock : locks) {
      lock.close();
    }
  }
}
