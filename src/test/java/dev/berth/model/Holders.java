package dev.berth.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.Namespaces;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Processes that use volumes as containers do: each in a mount namespace of its own. */
record Holders(TestBed bed, Model model) implements AutoCloseable {
  /** Lets a process have the volume mounted, if it is mounted and has no holder yet. */
  String hold(String name) {
    Optional<ModelVolume> volume =
        model.find(name).filter(found -> found.mustBeMounted() && found.holder.isEmpty());
    if (volume.isEmpty()) {
      return "not mounted, or held";
    }
    Path place = bed.work().resolve("held").resolve(name);
    try {
      Files.createDirectories(place);
      ProcessHandle process = Namespaces.using(bed.data(name), place, bed.root().resolve("mnt"));
      volume.get().holder = Optional.of(new ModelVolume.Holder(process, place));
      return "process " + process.pid();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the holder sees is compared with the model, then it ends. */
  String letGo(String name) {
    Optional<ModelVolume.Holder> holder = model.find(name).flatMap(volume -> volume.holder);
    if (holder.isEmpty()) {
      return "not held";
    }
    Path place = Path.of("/proc", "" + holder.get().process().pid(), "root");
    assertThat(Contents.read(place.resolve(holder.get().place().toString().substring(1))))
        .as("files of %s as its holder sees them", name)
        .isEqualTo(model.volumes.get(name).files);
    end(holder.get());
    model.volumes.get(name).holder = Optional.empty();
    return "let go";
  }

  private static void end(ModelVolume.Holder holder) {
    holder.process().destroyForcibly();
    holder.process().onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }

  /** Ends all of them. */
  @Override
  public void close() {
    model.volumes.values().forEach(volume -> volume.holder.ifPresent(Holders::end));
  }
}
