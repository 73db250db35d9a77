package dev.berth.backend.s3;

import dev.berth.backend.BackendTraits;
import dev.berth.backend.ContentJournal;
import dev.berth.backend.Flushable;
import dev.berth.backend.Observed;
import dev.berth.backend.Provisioned;
import dev.berth.backend.Supervised;
import dev.berth.backend.VolumeBackend;
import dev.berth.backend.VolumeLookup;
import dev.berth.backend.WriteBack;
import dev.berth.host.Boot;
import dev.berth.host.MountEntry;
import dev.berth.host.MountTable;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.CommonOptions.OnRemove;
import dev.berth.volume.Content;
import dev.berth.volume.MountClient;
import dev.berth.volume.OptionSchema;
import dev.berth.volume.Progress;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Volumes in S3: see the package. */
@ApplicationScoped
public class S3Backend implements VolumeBackend, Flushable, WriteBack, Supervised {
  private static final Logger LOG = Logger.getLogger(S3Backend.class);
  private static final BackendTraits TRAITS =
      new BackendTraits(
          S3Options.BACKEND, BackendTraits.Sharing.SHARED, new OptionSchema(S3Options.ALL));
  private static final Duration FLUSH = Duration.ofSeconds(30);
  private static final String MARKER = ".berth-volume";
  private static final String MARKER_TEXT =
      """
      This prefix is a volume of Berth, a Docker volume plugin. This object keeps it from being empty: into an
      empty volume Docker copies what an image has at that place, and that fails with the clients s3fs and mount-s3.
      It may be deleted once there are other objects.
      """;

  private final S3Tools tools;
  private final S3Config.Store config;
  private final Clock clock;
  private volatile @Nullable S3Services services;

  S3Backend(S3Tools tools, S3Config config, Clock clock) {
    this.tools = tools;
    this.config = config.s3();
    this.clock = clock;
  }

  private S3Services services() {
    S3Services made = services;
    return made == null ? make() : made;
  }

  private synchronized S3Services make() {
    S3Services made = services;
    if (made == null) {
      made = new S3Services(tools, Endpoints.of(config), config.probeInterval(), clock);
      services = made;
    }
    return made;
  }

  private Preflight preflight() {
    return services().preflight();
  }

  private Supervisor supervisor() {
    return services().supervisor();
  }

  @Override
  public BackendTraits traits() {
    return TRAITS;
  }

  @Override
  public VolumeOptions prepare(VolumeName name, VolumeOptions options, VolumeLookup volumes) {
    VolumeOptions complete = S3OptionRules.complete(name, options, config);
    requireAllowed(name, complete);
    S3OptionRules.checkNeighbours(name, complete, volumes.all());
    VolumeOptions served =
        complete.with(S3Options.CLIENT, tools.clients().choose(name, complete).kind());
    S3Target target = S3Target.of(name, served, config.region());
    boolean fixedRegion = served.find(S3Options.REGION).isPresent();
    boolean missing =
        served.find(S3Options.CREATE_BUCKET).orElse(false) && !preflight().bucketExists(target);
    S3Target found = missing ? target : preflight().checkReadable(target, fixedRegion);
    VolumeOptions placed = served.with(S3Options.REGION, found.store().region().id());
    return missing ? placed : opened(withExistingBucket(placed), found);
  }

  /** From here on {@code createBucket} says that there was none when the volume was prepared. */
  private static VolumeOptions withExistingBucket(VolumeOptions options) {
    return options.find(S3Options.CREATE_BUCKET).isPresent()
        ? options.with(S3Options.CREATE_BUCKET, false)
        : options;
  }

  /** What other programs wrote can be read as with the other clients. */
  private VolumeOptions opened(VolumeOptions options, S3Target target) {
    boolean closed =
        FuseClients.of(options).closesOthersObjects()
            && options.find(CommonOptions.MODE).isEmpty()
            && preflight().hasObjectsOfOtherPrograms(target);
    if (!closed) {
      return options;
    }
    LOG.infof(
        "volume %s at %s: other programs wrote what is there, so it gets mode=%s, which counts for all of its files; give another mode to have it otherwise",
        target.volume(), target.location(), MountPlan.DEFAULT_MODE_TEXT);
    return options.with(CommonOptions.MODE, MountPlan.DEFAULT_MODE_TEXT);
  }

  /** The endpoint, if there is one: before anything is sent there. */
  private void requireAllowed(VolumeName name, VolumeOptions options) {
    options
        .find(S3Options.ENDPOINT)
        .flatMap(Endpoints.of(config)::refusal)
        .ifPresent(
            why -> {
              throw new VolumeException.Refused("volume %s: %s".formatted(name, why));
            });
  }

  @Override
  public Provisioned provision(Volume volume, VolumeLookup volumes) {
    VolumeOptions options = volume.options();
    // Once more: of two that are created at once, each may have looked before the other was there.
    S3OptionRules.checkNeighbours(volume.name(), options, volumes.all());
    S3Target target = S3Target.of(volume);
    if (options.find(S3Options.CREATE_BUCKET).orElse(false)) {
      services().buckets().ensure(target, volume);
    }
    if (!options.find(S3Options.READ_ONLY).orElse(false)) {
      preflight().checkWritable(target, options);
      FuseClient client = FuseClients.of(options);
      if (client.refusesDockersCopy() && preflight().isEmpty(target)) {
        preflight().put(target, options, MARKER, MARKER_TEXT.getBytes(StandardCharsets.UTF_8));
        Progress.reached(S3Step.MARKER_WRITTEN);
      }
    }
    FuseClients.of(options)
        .caveat()
        .ifPresent(caveat -> LOG.warnf("volume %s: %s", volume.name(), caveat));
    return new Provisioned(target.location().ref(), new Content.Unmanaged());
  }

  @Override
  public Path mountpoint(Volume volume) {
    return tools.mountDirectory().resolve(volume.name().value());
  }

  @Override
  public Path mount(Volume volume, ContentJournal journal) {
    return HostErrors.translating(
        "mount", volume, () -> supervisor().of(volume).mount(() -> check(volume)));
  }

  private void check(Volume volume) {
    requireAllowed(volume.name(), volume.options());
    S3Target target = S3Target.of(volume);
    preflight().checkReadable(target, true);
    if (!volume.options().find(S3Options.READ_ONLY).orElse(false)) {
      preflight().checkStillWritable(target, volume.options());
    }
  }

  @Override
  public void unmount(Volume volume) {
    HostErrors.translating(
        "unmount",
        volume,
        () -> {
          supervisor().of(volume).unmount(isDoomed(volume));
          supervisor().forget(volume.id());
          return true;
        });
  }

  private static boolean isDoomed(Volume volume) {
    return volume.state() instanceof VolumeState.Deleting
        && volume.options().find(CommonOptions.ON_REMOVE).equals(Optional.of(OnRemove.DELETE));
  }

  /** Nothing of a volume is deleted that was not asked to be: a failed create deletes no object. */
  @Override
  public void deprovision(Volume volume) {
    S3Target target = S3Target.of(volume);
    switch (volume.state()) {
      case VolumeState.Creating creating -> {
        if (volume.options().find(S3Options.CREATE_BUCKET).orElse(false)) {
          services().buckets().takeBack(target, volume);
        }
      }
      case VolumeState.Ready _, VolumeState.Deleting _ -> {
        S3OptionRules.requireDeletable(volume);
        services().cleaner().empty(target, mayHaveBegun(volume));
        deleteCache(volume);
      }
    }
  }

  /** Files that were never uploaded are data of the volume too. */
  private void deleteCache(Volume volume) {
    try {
      HostErrors.translating(
          "remove",
          volume,
          () -> {
            ClientDirectory directory = ClientDirectory.of(tools.stateDirectory(), volume.id());
            new CacheDisk(tools, directory.path()).release(false);
            directory.delete(false);
            return true;
          });
    } catch (VolumeException e) {
      throw new VolumeException.InProgress(e.getMessage() + ". Its objects are deleted", e);
    }
  }

  /** Nothing is known of what an earlier try came to delete. */
  private static boolean mayHaveBegun(Volume volume) {
    return volume.state() instanceof VolumeState.Deleting deleting && deleting.resumed() > 0;
  }

  @Override
  public Observed observe(Volume volume) {
    return HostErrors.translating(
        "look at",
        volume,
        () -> {
          Optional<ClientRun> run =
              ClientDirectory.of(tools.stateDirectory(), volume.id())
                  .read()
                  .filter(known -> known.bootId().equals(Boot.id()));
          Path mountpoint = mountpoint(volume);
          Optional<MountEntry> there = MountTable.own().at(mountpoint);
          if (run.isPresent() && there.filter(run.get()::knows).isPresent()) {
            return new Observed.Mounted(
                Optional.empty(), there.get().device().toString(), mountpoint);
          }
          return run.flatMap(this::mountedElsewhere)
              .<Observed>map(
                  entry -> new Observed.Attached(Optional.empty(), entry.device().toString()))
              .orElseGet(Observed.Detached::new);
        });
  }

  /**
   * The number of a filesystem that is gone may be another's by now, so it says nothing without a
   * mount that is known to be the client's.
   */
  private Optional<MountEntry> mountedElsewhere(ClientRun run) {
    return tools.namespaces().find(run::knows);
  }

  @Override
  public void flush(Volume volume) {
    find(volume)
        .map(mount -> mount.uploads().awaitThose(FLUSH))
        .filter(left -> left > 0)
        .ifPresent(
            left -> {
              throw new VolumeException.Failed(
                  "volume %s: %d files are not in %s yet; they are tried on; %s"
                      .formatted(
                          volume.name(),
                          left,
                          Location.of(volume.options()),
                          Uploads.wayOut(volume.name())));
            });
  }

  @Override
  public void requireWrittenBack(Volume volume) {
    FuseClient client = FuseClients.of(volume.options());
    Path directory = ClientDirectory.of(tools.stateDirectory(), volume.id()).path();
    int left = HostErrors.translating("look at", volume, () -> leftInCache(directory, client));
    if (left > 0) {
      throw new VolumeException.InUse(
          "volume %s: %d files that were written on this host are not in %s yet; mount the volume here once more, and they are uploaded; %s"
              .formatted(
                  volume.name(),
                  left,
                  Location.of(volume.options()),
                  Uploads.wayOut(volume.name())));
    }
  }

  @Override
  public int discardUnwritten(Volume volume) {
    FuseClient client = FuseClients.of(volume.options());
    ClientDirectory directory = ClientDirectory.of(tools.stateDirectory(), volume.id());
    return HostErrors.translating(
        "release",
        volume,
        () -> {
          supervisor().of(volume).unmount(true);
          supervisor().forget(volume.id());
          int lost = leftInCache(directory.path(), client);
          new CacheDisk(tools, directory.path()).release(false);
          directory.delete(false);
          Progress.reached(S3Step.LOCAL_STATE_DELETED);
          return lost;
        });
  }

  private int leftInCache(Path directory, FuseClient client) {
    CacheDisk cache = new CacheDisk(tools, directory);
    int left = cache.notUploaded(client);
    cache.release(left > 0);
    return left;
  }

  @Override
  public void resume(Volume volume) {
    HostErrors.translating(
        "resume",
        volume,
        () -> {
          if (!supervisor().of(volume).adopt()) {
            supervisor().forget(volume.id());
          }
          return true;
        });
  }

  @Override
  public Optional<MountClient> client(Volume volume) {
    return find(volume).map(SupervisedMount::status);
  }

  private Optional<SupervisedMount> find(Volume volume) {
    return Optional.ofNullable(services).flatMap(made -> made.supervisor().find(volume.id()));
  }

  @Override
  public Collection<MountClient> clients() {
    return Optional.ofNullable(services).stream()
        .flatMap(made -> made.supervisor().all().stream())
        .filter(mount -> !mount.gone())
        .map(SupervisedMount::status)
        .toList();
  }

  @Override
  public long restarts() {
    return Optional.ofNullable(services).map(made -> made.supervisor().restarts()).orElse(0L);
  }

  /** Clients go on. */
  @PreDestroy
  void close() {
    Optional.ofNullable(services).ifPresent(S3Services::close);
  }
}
