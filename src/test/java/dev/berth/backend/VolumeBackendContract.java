package dev.berth.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.testing.Rule;
import dev.berth.volume.Option;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What every {@link VolumeBackend} has to do. */
@Rule(15)
public abstract class VolumeBackendContract extends VolumeFixture {
  /** Of each option. */
  private static final int VALUES_MADE = 2;

  @Test
  void preparedOptionsAreComplete() {
    VolumeName name = new VolumeName("prepared");
    VolumeOptions given = backend().traits().schema().parse(options());
    VolumeOptions complete = backend().prepare(name, given, this);
    assertThat(given.contradicting(complete).texts()).isEmpty();
    assertThat(backend().prepare(name, complete, this)).isEqualTo(complete);
  }

  /**
   * Whatever a user gives for an option: it is taken, or refused in words. Each value gets as far
   * as the ledger; some of those that do, by chance, are made.
   */
  @Test
  void noValueOfAnOptionIsADefect() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (Map<String, String> beside : optionSets()) {
      for (Option<?> option : backend().traits().schema().options()) {
        String key = option.family() ? option.name() + ".k" : option.name();
        List<Volume> taken = new ArrayList<>();
        for (String value : AnyValues.of(option, random)) {
          Map<String, String> given = new HashMap<>(beside);
          given.put(key, value);
          unlessRefused(given, seed, () -> taken.add(prepared("any", given)));
        }
        Collections.shuffle(taken, random);
        taken.stream()
            .limit(VALUES_MADE)
            .forEach(
                volume ->
                    unlessRefused(volume.options().texts(), seed, () -> remove(ready(volume))));
      }
    }
  }

  private static void unlessRefused(Map<String, String> given, long seed, Runnable create) {
    try {
      create.run();
    } catch (VolumeException refused) {
      assertThat(refused.getMessage()).as("%s, seed %d", given, seed).isNotBlank();
    } catch (RuntimeException defect) {
      throw new AssertionError("%s, seed %d".formatted(given, seed), defect);
    }
  }

  /** What a test of single options gives beside each of them. */
  protected List<Map<String, String>> optionSets() {
    return List.of(options());
  }

  @Test
  void provisioningTwiceGivesTheSameThing() {
    Volume volume = create("twice", options());
    assertThat(ready(volume).made().ref()).isEqualTo(volume.made().ref());
  }

  @Test
  void mountingTwiceIsMountingOnce() throws IOException {
    Volume volume = create("mounted", options());
    Path mountpoint = mount(volume);
    Files.writeString(mountpoint.resolve("x"), "kept");
    assertThat(mount(volume)).isEqualTo(mountpoint).isEqualTo(backend().mountpoint(volume));
    assertThat(mountpoint.resolve("x")).hasContent("kept");
    assertThat(backend().observe(volume)).isInstanceOf(Observed.Mounted.class);
    backend().unmount(volume);
    assertThat(backend().observe(volume)).isInstanceOf(Observed.Detached.class);
  }

  @Test
  void provisioningAMountedVolumeLeavesItAsItIs() throws IOException {
    Volume volume = create("mounted", options());
    Path mountpoint = mount(volume);
    Files.writeString(mountpoint.resolve("x"), "kept");
    assertThat(backend().provision(require(volume.name()), this).ref())
        .isEqualTo(volume.made().ref());
    assertThat(mountpoint.resolve("x")).hasContent("kept");
    backend().unmount(volume);
    assertThat(mount(volume).resolve("x")).hasContent("kept");
  }

  @Test
  void whatIsInUseStaysMounted() throws IOException {
    Volume volume = create("used", options());
    Path file = Files.writeString(mount(volume).resolve("x"), "kept");
    try (InputStream open = Files.newInputStream(file)) {
      assertThatThrownBy(() -> backend().unmount(volume))
          .isInstanceOf(VolumeException.InUse.class)
          .hasMessageContaining("used");
      assertThat(backend().observe(volume)).isInstanceOf(Observed.Mounted.class);
      assertThat(open.readAllBytes()).asString().isEqualTo("kept");
      assertThat(mount(volume).resolve("x")).hasContent("kept");
    }
    backend().unmount(volume);
    backend().unmount(volume);
    assertThat(backend().observe(volume)).isInstanceOf(Observed.Detached.class);
  }

  @Test
  protected void mountingWhatIsGoneIsAnErrorAndLeavesNothing() {
    Volume volume = create("gone", options());
    backend().deprovision(volume);
    assertThatThrownBy(() -> mount(volume))
        .isInstanceOf(VolumeException.class)
        .hasMessageContaining("gone");
    assertThat(backend().observe(volume)).isInstanceOf(Observed.Detached.class);
  }

  @Test
  void volumesAreApart() throws IOException {
    Volume first = create("first", options());
    Volume second = create("second", options());
    Files.writeString(mount(first).resolve("x"), "kept");
    assertThat(mount(second).resolve("x")).doesNotExist();
    backend().unmount(second);
    backend().deprovision(second);
    assertThat(backend().mountpoint(first).resolve("x")).hasContent("kept");
  }

  @Test
  void dataSurvivesAnUnmount() throws IOException {
    Volume volume = create("data", options());
    Files.writeString(mount(volume).resolve("x"), "kept");
    backend().unmount(volume);
    assertThat(mount(volume).resolve("x")).hasContent("kept");
  }

  @Test
  protected void aNewVolumeIsEmpty() {
    assertThat(mount(create("new", options()))).isEmptyDirectory();
  }

  @Test
  void unmountingWhatIsNotMountedSucceeds() {
    Volume volume = create("idle", options());
    backend().unmount(volume);
    backend().unmount(volume);
    assertThat(backend().observe(volume)).isInstanceOf(Observed.Detached.class);
  }

  @Test
  void deprovisioningWhatIsGoneSucceeds() {
    Volume volume = create("gone", options());
    backend().deprovision(volume);
    backend().deprovision(volume);
    assertThat(backend().observe(volume)).isInstanceOf(Observed.Detached.class);
  }
}
