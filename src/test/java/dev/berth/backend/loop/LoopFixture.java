package dev.berth.backend.loop;

import dev.berth.backend.VolumeFixture;
import dev.berth.backend.block.BlockBackend;
import dev.berth.backend.block.BlockTools;
import dev.berth.backend.block.FormatRule;
import dev.berth.host.BlankCheck;
import dev.berth.host.Filesystems;
import dev.berth.host.LoopDevices;
import dev.berth.host.Mounts;
import dev.berth.host.ProcessCommandRunner;
import dev.berth.host.Signatures;
import dev.berth.host.SparseFiles;
import dev.berth.volume.Volume;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Volumes in files below a directory of the test's own. */
abstract class LoopFixture extends VolumeFixture {
  @TempDir Path root;
  BlockBackend backend;

  @BeforeEach
  void open() {
    backend = at(root);
  }

  /** The backend of another run of Berth, with that root. */
  static BlockBackend at(Path root) {
    ProcessCommandRunner runner = new ProcessCommandRunner();
    Filesystems filesystems = new Filesystems(runner);
    BlockTools tools =
        new BlockTools(
            new FormatRule(filesystems, new Signatures(runner), new BlankCheck(runner)),
            filesystems,
            new Mounts(runner),
            () -> root);
    return LoopBackend.create(
        root, new SparseFiles(runner), new LoopDevices(runner), tools, Clock.systemUTC());
  }

  @Override
  protected BlockBackend backend() {
    return backend;
  }

  @Override
  protected Map<String, String> options() {
    return Map.of("size", "64MiB");
  }

  Path image(Volume volume) {
    return root.resolve("loop").resolve(volume.made().ref().value());
  }
}
