package dev.berth.lifecycle;

import dev.berth.backend.Backends;
import dev.berth.backend.Provisioned;
import dev.berth.backend.VolumeBackend;
import dev.berth.volume.BackendName;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.Progress;
import dev.berth.volume.Shown;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Creates a volume.
 *
 * <ol>
 *   <li>The options are parsed and completed; nothing is changed if they are wrong.
 *   <li>{@link VolumeState.Creating} is written, with the volume's id.
 *   <li>The backend makes the thing, idempotent by that id.
 *   <li>{@link VolumeState.Ready} is written.
 * </ol>
 *
 * A certain failure in 3 or 4 rolls 2 back. After a crash, {@link #resume} goes on: at the start,
 * or with the next call.
 */
@ApplicationScoped
public class CreateVolume {
  private static final Logger LOG = Logger.getLogger(CreateVolume.class);
  private static final int LONGEST_SHOWN = 1_000;

  private final Records records;
  private final LocalView view;
  private final Backends backends;
  private final OptionDefaults defaults;
  private final Maintenance maintenance;
  private final Reserve reserve;
  private final HostLimits limits;
  private final ThisHost host;
  private final Clock clock;

  /** Those of which nobody knows before their first Create has ended. */
  private final Set<VolumeName> making = ConcurrentHashMap.newKeySet();

  public CreateVolume(
      Records records,
      LocalView view,
      Backends backends,
      OptionDefaults defaults,
      Maintenance maintenance,
      Reserve reserve,
      HostLimits limits,
      ThisHost host,
      Clock clock) {
    this.records = records;
    this.view = view;
    this.backends = backends;
    this.defaults = defaults;
    this.maintenance = maintenance;
    this.reserve = reserve;
    this.limits = limits;
    this.host = host;
    this.clock = clock;
  }

  /** What a user asked for, parsed. */
  record Request(VolumeName name, VolumeBackend backend, VolumeOptions options) {}

  /**
   * Parses what a user gave. Without {@code backend=} it is read as options of the backend the
   * volume has, if there is one of this name, else of the default backend.
   */
  Request parse(VolumeName name, Map<String, String> given) {
    BackendName backendName =
        given.entrySet().stream()
            .filter(option -> option.getKey().equalsIgnoreCase(CommonOptions.BACKEND.name()))
            .findFirst()
            .map(option -> new BackendName(option.getValue()))
            .or(() -> view.find(name).map(status -> status.volume().backend()))
            .orElseGet(defaults::backend);
    VolumeBackend backend = backends.require(backendName);
    return new Request(name, backend, backend.traits().schema().parse(given));
  }

  /** Creates the volume, or finishes its creation. There already with these options: success. */
  Volume run(Request request) {
    Optional<Volume> present = records.find(request.name());
    if (present.isPresent()) {
      refuseOther(request, present.get());
      return switch (present.get().state()) {
        case VolumeState.Ready ready -> present.get();
        case VolumeState.Creating creating -> resume(present.get(), creating);
        case VolumeState.Deleting deleting -> throw RemoveVolume.beingRemoved(request.name());
      };
    }
    reserve.require("create", request.name());
    limits.requireRoom(request.name(), request.options());
    VolumeOptions options =
        request
            .backend()
            .prepare(
                request.name(),
                request
                    .backend()
                    .traits()
                    .schema()
                    .complete(request.options(), defaults.of(request.backend())),
                maintenance);
    making.add(request.name());
    try {
      return finish(intent(request, options));
    } finally {
      making.remove(request.name());
    }
  }

  private Volume intent(Request request, VolumeOptions options) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Volume intent =
        records.insert(
            Volume.creating(
                request.name(), request.backend().traits().name(), options, host.id(), now));
    Progress.reached(LifecycleStep.CREATE_INTENT_WRITTEN);
    return intent;
  }

  /**
   * Whether this process is at the volume's first Create. One that an earlier run left half-made,
   * or whose Create ended without a certain outcome, is not.
   */
  boolean isBeingMade(VolumeName name) {
    return making.contains(name);
  }

  /** Takes up a creation that an earlier call or an earlier run of Berth did not finish. */
  Volume resume(Volume volume, VolumeState.Creating creating) {
    return finish(records.replace(volume, creating.again()));
  }

  /** From {@link VolumeState.Creating} to {@link VolumeState.Ready}. */
  private Volume finish(Volume volume) {
    VolumeBackend backend = backends.require(volume.backend());
    Provisioned made;
    try {
      made = backend.provision(volume, maintenance);
    } catch (VolumeException.UnknownOutcome e) {
      throw e;
    } catch (RuntimeException | Error e) {
      rollBack(volume, backend::deprovision, e);
      throw e;
    }
    Progress.reached(LifecycleStep.CREATE_PROVISIONED);
    Volume ready = confirm(volume, made, backend);
    Progress.reached(LifecycleStep.CREATE_CONFIRMED);
    LOG.infof("volume %s created: %s", ready.name(), shown(ready.options()));
    return ready;
  }

  /**
   * Where somebody else changed the row meanwhile, or has the device under another name, what is
   * there is his.
   */
  private Volume confirm(Volume volume, Provisioned made, VolumeBackend backend) {
    try {
      return records.replace(
          volume, new VolumeState.Ready(made.ref(), made.content(), Optional.empty()));
    } catch (VolumeException.InUse e) {
      rollBack(volume, theirs -> {}, e);
      throw e;
    } catch (VolumeException.Failed e) {
      rollBack(volume, backend::deprovision, e);
      throw e;
    }
  }

  private void rollBack(Volume volume, Consumer<Volume> undo, Throwable cause) {
    try {
      undo.accept(volume);
      Progress.reached(LifecycleStep.CREATE_UNDONE);
      records.delete(volume);
      Progress.reached(LifecycleStep.CREATE_WITHDRAWN);
    } catch (RuntimeException e) {
      LOG.warnf(
          e,
          "volume %s: a failed create could not be rolled back; 'docker volume rm' tries again",
          volume.name());
      cause.addSuppressed(e);
    }
  }

  private void refuseOther(Request request, Volume present) {
    if (request.options().contradicting(present.options()).texts().isEmpty()) {
      return;
    }
    VolumeOptions differing =
        request
            .backend()
            .prepare(request.name(), request.options().orElse(present.options()), maintenance)
            .namedIn(request.options())
            .contradicting(present.options());
    if (!differing.texts().isEmpty()) {
      throw new VolumeException.Conflict(
          "volume %s exists with other options: asked for %s, it has %s"
              .formatted(
                  request.name(), shown(differing), shown(present.options().namedIn(differing))));
    }
  }

  private static String shown(VolumeOptions options) {
    return Shown.of(options.toString(), LONGEST_SHOWN);
  }
}
