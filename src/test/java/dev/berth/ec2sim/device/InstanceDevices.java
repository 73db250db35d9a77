package dev.berth.ec2sim.device;

import dev.berth.ec2sim.device.DeviceTree.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The disks of one instance, and the decoys beside them. Thread-safe. */
final class InstanceDevices {
  private static final long DECOY_SIZE = 1L << 20;

  /** What has to go with a volume. */
  record Shown(Entry disk, int controller, int namespace, List<Entry> decoys, List<Path> loops) {}

  private record Torn(Shown shown, Path loop, Path file) {}

  private final DeviceTree tree;
  private final VolumeFiles decoyFiles;
  private final Set<Decoy> decoys = ConcurrentHashMap.newKeySet();
  private final Map<String, Torn> torn = new HashMap<>();

  InstanceDevices(Path root, VolumeFiles decoyFiles) {
    tree = new DeviceTree(root);
    this.decoyFiles = decoyFiles;
  }

  /** From now on they come with each volume. */
  void with(Set<Decoy> wanted) {
    decoys.clear();
    decoys.addAll(wanted);
  }

  /** A disk that the kernel calls {@code name} and that has no serial number. */
  synchronized Shown showXen(String name, Path loop) {
    Entry entry = new Entry("vbd-" + name, name);
    tree.addXen(entry, loop);
    return new Shown(entry, 0, 0, List.of(), List.of());
  }

  /**
   * An NVMe disk with the volume's serial number. Its namespace is 1, unless an older disk of the
   * volume was torn away and is still in use.
   */
  synchronized Shown showNvme(String volumeId, Path loop) {
    String serial = volumeId.replace("-", "");
    Optional<Shown> old = stillInUse(volumeId);
    int namespace = old.map(Shown::namespace).orElse(0) + 1;
    int controller =
        old.map(Shown::controller).filter(tree::isFree).orElseGet(tree::freeController);
    Entry entry = Entry.nvme(controller, "nvme%dn%d".formatted(controller, namespace));
    List<Entry> beside = new ArrayList<>();
    List<Path> loops = new ArrayList<>();
    tree.addNvme(entry, serial, loop, false);
    for (Decoy decoy : decoys) {
      int other = tree.freeController();
      switch (decoy) {
        case MULTIPATH -> {
          Entry path = Entry.nvme(other, "nvme%dc%dn%d".formatted(controller, other, namespace));
          tree.addNvme(path, serial, loop, true);
          beside.add(path);
        }
        case LONGER_SERIAL -> loops.add(addDecoy(other, serial + "0", beside));
        case SHORTER_SERIAL ->
            loops.add(addDecoy(other, serial.substring(0, serial.length() - 1), beside));
      }
    }
    return new Shown(entry, controller, namespace, List.copyOf(beside), List.copyOf(loops));
  }

  private Path addDecoy(int controller, String serial, List<Entry> beside) {
    decoyFiles.resize(serial, DECOY_SIZE);
    Path loop = Loops.attach(decoyFiles.of(serial));
    Entry entry = Entry.nvme(controller, "nvme%dn1".formatted(controller));
    tree.addNvme(entry, serial, loop, false);
    beside.add(entry);
    return loop;
  }

  private Optional<Shown> stillInUse(String volumeId) {
    return Optional.ofNullable(torn.get(volumeId))
        .filter(old -> Loops.isOver(old.loop(), old.file()))
        .map(Torn::shown);
  }

  synchronized void hide(Shown shown) {
    tree.remove(shown.disk());
    shown.decoys().forEach(tree::remove);
    shown.loops().forEach(Loops::detach);
  }

  /** The disk was hidden while in use: the next one of this volume is another namespace. */
  synchronized void tore(String volumeId, Shown shown, Path loop, Path file) {
    torn.put(volumeId, new Torn(shown, loop, file));
  }
}
