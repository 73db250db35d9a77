package dev.berth.corpus;

import dev.berth.backend.ContentJournal;
import dev.berth.backend.Provisioned;
import dev.berth.backend.VolumeLookup;
import dev.berth.backend.block.BlockBackend;
import dev.berth.backend.block.BlockTools;
import dev.berth.backend.block.FormatRule;
import dev.berth.backend.loop.LoopBackend;
import dev.berth.host.BlankCheck;
import dev.berth.host.Filesystems;
import dev.berth.host.LoopDevices;
import dev.berth.host.Mounts;
import dev.berth.host.Signatures;
import dev.berth.host.SparseFiles;
import dev.berth.host.Tool;
import dev.berth.testing.Traces;
import dev.berth.volume.Content;
import dev.berth.volume.HostId;
import dev.berth.volume.Volume;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import dev.berth.volume.VolumeState;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One volume of the loop backend that was created and never formatted, and its ledger of one row.
 */
final class FormatBench implements ContentJournal, VolumeLookup, AutoCloseable {
  private static final List<Tool> MKFS = List.of(Tool.MKFS_EXT4, Tool.MKFS_XFS, Tool.MKFS_BTRFS);

  private final Path root;
  private final BreakableTools tools;
  private final BlockBackend backend;
  private Volume volume;

  FormatBench(Path root, BreakableTools tools) {
    this.root = root;
    this.tools = tools;
    Filesystems filesystems = new Filesystems(tools);
    FormatRule rule = new FormatRule(filesystems, new Signatures(tools), new BlankCheck(tools));
    backend =
        LoopBackend.create(
            root,
            new SparseFiles(tools),
            new LoopDevices(tools),
            new BlockTools(rule, filesystems, new Mounts(tools), () -> root),
            Clock.systemUTC());
  }

  /** Creates the volume; the ledger then says that Berth made it and never formatted it. */
  void create(String name, String size) {
    VolumeName volumeName = new VolumeName(name);
    VolumeOptions given = backend.traits().schema().parse(Map.of("size", size));
    Volume creating =
        Volume.creating(
            volumeName,
            backend.traits().name(),
            backend.prepare(volumeName, given, this),
            new HostId("host"),
            Clock.systemUTC().instant());
    Provisioned made = backend.provision(creating, this);
    volume = creating.with(new VolumeState.Ready(made.ref(), made.content(), Optional.empty()));
  }

  Path file() {
    return root.resolve("loop").resolve(volume.made().ref().value());
  }

  Path mount() {
    return backend.mount(volume, this);
  }

  void unmount() {
    backend.unmount(volume);
  }

  /** What the ledger says of the volume's bytes. */
  Content content() {
    return volume.made().content();
  }

  long formats() {
    return MKFS.stream().mapToLong(tools::runs).sum();
  }

  /** Mounts and loop devices of the volume. */
  List<String> traces() {
    List<String> found = new ArrayList<>(new Traces(root.resolve("mnt")).mounts());
    found.addAll(new Traces(root.resolve("loop")).loopDevices().keySet());
    return found;
  }

  @Override
  public Volume record(Volume current, Content next) {
    volume = current.with(current.made().withContent(next));
    return volume;
  }

  @Override
  public List<Volume> all() {
    return List.of(volume);
  }

  @Override
  public Volume require(VolumeName name) {
    return volume;
  }

  @Override
  public <T> T using(VolumeName name, Function<Volume, T> work) {
    return work.apply(volume);
  }

  @Override
  public void close() {
    if (volume != null) {
      unmount();
    }
  }
}
