package dev.berth.backend.s3;

import dev.berth.host.FilesystemProbe;
import dev.berth.host.FilesystemProbe.Answer;
import dev.berth.host.ProcessId;
import dev.berth.volume.MountClient;
import dev.berth.volume.MountClient.State;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * A volume that is, or is about to be, mounted here: its client is watched, and replaced when it is
 * dead or hangs, at once the first time, after growing pauses if it goes on dying. A store that
 * does not answer is no reason to replace a client: clients recover by themselves, and their users
 * would lose what they have open.
 */
final class SupervisedMount {
  private static final Logger LOG = Logger.getLogger(SupervisedMount.class);
  private static final Duration LOCK_WAIT = Duration.ofSeconds(60);
  private static final Duration PROBE_LIMIT = Duration.ofSeconds(5);
  private static final Duration PROBE_PAUSE = Duration.ofSeconds(2);
  private static final Duration LEFT_PAUSE = Duration.ofSeconds(10);
  private static final Duration UPLOADS = Duration.ofSeconds(20);

  private final MountedClient client;
  private final Volume volume;
  private final FuseClient kind;
  private final ClientPlans plans;
  private final InstantSource clock;
  private final Runnable ended;
  private final Runnable restarted;
  private final ReentrantLock lock = new ReentrantLock();
  private final BackOff backOff;
  private final ClientHealth health;
  private final Pause sinceProbe;
  private final Pause sinceLeft;
  private final Pause sinceKeys;

  private boolean keysServed = true;

  private volatile boolean followKeys;

  private volatile boolean gone;

  /**
   * @param ended is run when a client ended, so that somebody comes to {@link #check}
   * @param restarted is run after each replacement
   */
  SupervisedMount(
      Volume volume,
      MountedClient client,
      ClientPlans plans,
      InstantSource clock,
      Runnable ended,
      Runnable restarted) {
    this.volume = volume;
    kind = FuseClients.of(volume.options());
    this.client = client;
    this.plans = plans;
    this.clock = clock;
    this.ended = ended;
    this.restarted = restarted;
    backOff = new BackOff(clock);
    sinceProbe = new Pause(clock);
    sinceLeft = new Pause(clock);
    sinceKeys = new Pause(clock);
    health = new ClientHealth(volume.options().require(S3Options.CLIENT));
  }

  Volume volume() {
    return volume;
  }

  /** Whether it was unmounted, so that nothing is to be watched any more. */
  boolean gone() {
    return gone;
  }

  /**
   * Takes up the client that an earlier run of Berth left; whether there was one is returned. If
   * there was none, what may be left of one that never came to mount is taken away.
   */
  boolean adopt() {
    return locked(
        "resume",
        () -> {
          boolean found = adoptClient();
          if (!found) {
            client.stop();
          }
          ensureKeysServed();
          return found;
        });
  }

  private boolean adoptClient() {
    boolean found = client.adopt();
    keysServed = !found || client.run().filter(run -> run.keysPort() != 0).isEmpty();
    return found;
  }

  /** Of a client that an earlier run of Berth started; failed: it is tried again. */
  private void ensureKeysServed() {
    if (!keysServed) {
      serveKeysAgain();
      keysServed = true;
    }
  }

  /** A client that asks at a port which is another's now would take whatever keys it is given. */
  private void serveKeysAgain() {
    Set<ProcessId> answered = plans.serveAgain(volume, client.directory());
    if (client.alive() && client.process().filter(answered::contains).isEmpty()) {
      replace("its credentials are served on another port now", true);
    }
    client.endRetired(answered);
  }

  /**
   * Brings the volume to its mountpoint. There already, and it answers: at once. Its client is
   * dead: another takes its place. Not mounted: {@code preflight} runs, then a client is started.
   */
  Path mount(Runnable preflight) {
    return locked(
        "mount",
        () -> {
          if (client.run().flatMap(ClientRun::process).isEmpty() && !adoptClient()) {
            preflight.run();
            client.start(ended);
            health.is(State.HEALTHY);
          } else if (!answers()) {
            replace("it did not answer when the volume was mounted again", false);
          }
          return client.mountpoint();
        });
  }

  private boolean answers() {
    return client.alive()
        && client.inPlace()
        && FilesystemProbe.ask(client.mountpoint(), PROBE_LIMIT) instanceof Answer.Answers;
  }

  /**
   * Unmounts and ends the client. Files that are not in the store yet, unless {@code doomed} to be
   * deleted with it, are waited for; if they do not get there, {@link VolumeException.InUse}.
   */
  void unmount(boolean doomed) {
    locked(
        "unmount",
        () -> {
          int left = client.alive() && !doomed ? uploads().awaitAll(UPLOADS) : 0;
          if (left > 0) {
            throw new VolumeException.InUse(
                "volume %s: %d files are not in %s yet; it stays mounted until they are; %s"
                    .formatted(
                        volume.name(),
                        left,
                        Location.of(volume.options()),
                        Uploads.wayOut(volume.name())));
          }
          client.stop();
          gone = true;
          return true;
        });
  }

  /** What its users wrote and the store has not got yet. */
  Uploads uploads() {
    return new Uploads(kind, client.directory().path());
  }

  /** Looks at the client and does what is due. Something else is being done with it: nothing. */
  void check() {
    if (gone || !lock.tryLock()) {
      return;
    }
    try {
      if (!gone && client.process().isPresent()) {
        checkLocked();
      }
    } catch (RuntimeException | Error e) {
      failed(e);
    } finally {
      lock.unlock();
    }
  }

  private void checkLocked() {
    if (!client.alive()) {
      health.is(State.DEAD);
      replaceIfDue("it ended; it said: " + ClientLauncher.lastWords(client.directory()));
      return;
    }
    if (!sinceProbe.over(PROBE_PAUSE)) {
      return;
    }
    sinceProbe.begin();
    if (!client.inPlace()) {
      health.is(State.DEAD);
      replaceIfDue("its mount at %s is gone".formatted(client.mountpoint()));
      return;
    }
    switch (FilesystemProbe.ask(client.mountpoint(), PROBE_LIMIT)) {
      case Answer.Answers yes when client.cacheFailed() -> {
        health.is(State.DEAD);
        replaceIfDue("the filesystem of its cache has failed, as on a full disk");
      }
      case Answer.Answers yes -> keepWell();
      case Answer.Fails fails -> {
        health.is(State.DEAD);
        replaceIfDue("its filesystem fails: " + fails.why());
      }
      case Answer.Hangs hangs -> {
        health.is(State.HUNG);
        replaceIfDue("it has not answered for %d s".formatted(PROBE_LIMIT.toSeconds()));
      }
    }
  }

  private void keepWell() {
    health.is(State.HEALTHY);
    backOff.well();
    if (sinceLeft.over(LEFT_PAUSE)) {
      sinceLeft.begin();
      List<String> refused = client.replaceLeft();
      if (!refused.isEmpty()) {
        health.failed(
            "containers that could not be given their mount back and have to be restarted: "
                + String.join("; ", refused));
      }
      health.cacheTakes(client.directory().size());
      ClientLauncher.trimLog(client.directory().log());
    }
    if (!keysServed && sinceKeys.over(LEFT_PAUSE)) {
      sinceKeys.begin();
      ensureKeysServed();
    }
    if (followKeys && sinceKeys.over(LEFT_PAUSE)) {
      sinceKeys.begin();
      followKeys = false;
      replace("its credentials were replaced", true);
    }
    Optional<Instant> expire = client.run().flatMap(ClientRun::keysExpire);
    boolean soon = expire.filter(at -> ClientPlans.isSoon(at, clock.instant())).isPresent();
    if (soon && sinceKeys.over(LEFT_PAUSE)) {
      sinceKeys.begin();
      if (plans.canOutlast(volume, expire.get())) {
        replace("its credentials are about to expire", true);
      }
    }
  }

  private void replaceIfDue(String why) {
    if (backOff.due()) {
      replace(why, false);
    }
  }

  /**
   * @param planned the client works: it is let go on for those who have files open, if it can, else
   *     it has some time for its uploads, and the next one goes on with what is left of them
   */
  private void replace(String why, boolean planned) {
    Optional<ProcessId> old = client.process();
    LOG.warnf(
        "volume %s: its client (process %s) is replaced: %s",
        volume.name(), old.map(ProcessId::pid).map(String::valueOf).orElse("?"), why);
    boolean retire = planned && kind.canRetire(volume.options());
    // With keys that the store refuses there would be no end of it.
    if (planned && !retire && health.storeAnswers()) {
      uploads().awaitAll(UPLOADS);
    }
    if (!planned) {
      health.failed("the client was replaced at %s: %s".formatted(clock.instant(), why));
      backOff.tried();
    }
    long started = System.nanoTime();
    client.succeed(retire, ended);
    keysServed = true;
    health.is(State.HEALTHY);
    if (!planned) {
      health.restarted();
      restarted.run();
    }
    LOG.infof(
        "volume %s: process %d serves it now, after %d ms",
        volume.name(),
        client.process().orElseThrow().pid(),
        (System.nanoTime() - started) / 1_000_000);
  }

  private void failed(Throwable e) {
    failed(Optional.ofNullable(e.getMessage()).orElseGet(e::toString));
  }

  private void failed(String message) {
    if (health.failed(message)) {
      LOG.warnf("volume %s: %s", volume.name(), message);
    }
  }

  /** Which keys its client works with, if that is known. */
  Optional<HeldKeys> heldKeys() {
    return client.held();
  }

  /** What asking the store said. Keys that have to be followed are, at the next check. */
  void storeAnswered(KeysWatch.Finding found) {
    if (health.store(found.trouble())) {
      LOG.warnf(
          "%s", found.trouble().orElse("volume " + volume.name() + ": its store answers again"));
    }
    if (found.refused().isPresent()) {
      failed(
          "its credentials were replaced, but the new ones do not work, and its client goes on with"
              + " the old ones: "
              + found.refused().get());
    }
    followKeys = found.follow();
  }

  boolean storeAnswers() {
    return health.storeAnswers();
  }

  /** From memory. */
  MountClient status() {
    return health.of(client.process());
  }

  private <T> T locked(String what, Supplier<T> work) {
    try {
      if (!lock.tryLock(LOCK_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new VolumeException.Busy(
            "volume %s: its client is being replaced; %s it again".formatted(volume.name(), what));
      }
      try {
        return work.get();
      } finally {
        lock.unlock();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VolumeException.Busy("interrupted while waiting for volume " + volume.name());
    }
  }
}
