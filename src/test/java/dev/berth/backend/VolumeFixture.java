package dev.berth.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.volume.CommonOptions;
import dev.berth.volume.CommonOptions.OnRemove;
import dev.berth.volume.Content;
import dev.berth.volume.HostId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;

/**
 * A backend and the records of its volumes, as the life cycle would keep them; after each test the
 * volumes are removed.
 */
public abstract class VolumeFixture implements ContentJournal, VolumeLookup {
  private final Map<VolumeName, Volume> records = new HashMap<>();

  /** The backend under test. */
  protected abstract VolumeBackend backend();

  /** Options of a small volume. */
  protected abstract Map<String, String> options();

  @Override
  public Volume record(Volume current, Content next) {
    return put(current.with(current.made().withContent(next)));
  }

  @Override
  public List<Volume> all() {
    return List.copyOf(records.values());
  }

  @Override
  public Volume require(VolumeName name) {
    return Optional.ofNullable(records.get(name))
        .orElseThrow(() -> new VolumeException.NotFound("no such volume: " + name));
  }

  @Override
  public <T> T using(VolumeName name, Function<Volume, T> work) {
    return work.apply(require(name));
  }

  protected final Volume put(Volume volume) {
    records.put(volume.name(), volume);
    return volume;
  }

  protected final void forget(Volume volume) {
    records.remove(volume.name());
  }

  protected final Volume create(String name, Map<String, String> given) {
    return ready(prepared(name, given));
  }

  /** A volume that is not in the ledger yet. */
  protected final Volume prepared(String name, Map<String, String> given) {
    VolumeName volumeName = new VolumeName(name);
    VolumeOptions parsed = backend().traits().schema().parse(given);
    VolumeOptions complete = backend().prepare(volumeName, parsed, this);
    return Volume.creating(
        volumeName, backend().traits().name(), complete, new HostId("h"), Instant.EPOCH);
  }

  protected final Volume ready(Volume volume) {
    Provisioned made = backend().provision(volume, this);
    return put(volume.with(new VolumeState.Ready(made.ref(), made.content(), Optional.empty())));
  }

  protected final Path mount(Volume volume) {
    return backend().mount(require(volume.name()), this);
  }

  /** Gone again, with all that was made for it and is not to be kept. */
  @AfterEach
  final void removeEverything() {
    try {
      all().forEach(this::remove);
    } finally {
      endBackend();
    }
  }

  /** Unmounts it, and deletes it unless its options keep it. */
  protected final void remove(Volume volume) {
    backend().unmount(volume);
    if (volume.options().find(CommonOptions.ON_REMOVE).filter(OnRemove.RETAIN::equals).isEmpty()) {
      backend().deprovision(volume);
    }
    assertThat(backend().observe(volume)).isInstanceOf(Observed.Detached.class);
    forget(volume);
  }

  /**
   * After the last volume is removed: ends what the backend needs. An {@code AfterEach} of a
   * subclass runs before the volumes are removed, and so is too early for that.
   */
  protected void endBackend() {}
}
