package dev.berth.backend.s3;

import dev.berth.host.CommandRunner;
import dev.berth.host.Daemons;
import dev.berth.host.Filesystems;
import dev.berth.host.FuseConnections;
import dev.berth.host.LoopDevices;
import dev.berth.host.MemoryGroups;
import dev.berth.host.MountNamespaces;
import dev.berth.host.MountReplacer;
import dev.berth.host.Mounts;
import dev.berth.host.SparseFiles;
import dev.berth.volume.ByteSize;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;

/** What the clients of volumes are run with. */
@ApplicationScoped
public class S3Tools {
  private final Mounts mounts;
  private final Daemons daemons;
  private final FuseConnections connections;
  private final MountNamespaces namespaces = new MountNamespaces();
  private final MountReplacer replacer = new MountReplacer();
  private final MemoryGroups memory = new MemoryGroups();
  private final Filesystems filesystems;
  private final SparseFiles files;
  private final LoopDevices devices;
  private final FuseClients clients;
  private final Path root;
  private final ByteSize memoryLimit;

  S3Tools(
      CommandRunner commands,
      Mounts mounts,
      Daemons daemons,
      FuseConnections connections,
      S3Config config) {
    this.mounts = mounts;
    this.daemons = daemons;
    this.connections = connections;
    filesystems = new Filesystems(commands);
    files = new SparseFiles(commands);
    devices = new LoopDevices(commands);
    clients = new FuseClients(commands, config.s3().clients());
    root = config.root();
    memoryLimit = config.s3().memoryLimit();
  }

  Mounts mounts() {
    return mounts;
  }

  Daemons daemons() {
    return daemons;
  }

  FuseConnections connections() {
    return connections;
  }

  MountNamespaces namespaces() {
    return namespaces;
  }

  Filesystems filesystems() {
    return filesystems;
  }

  SparseFiles files() {
    return files;
  }

  LoopDevices devices() {
    return devices;
  }

  MountReplacer replacer() {
    return replacer;
  }

  MemoryGroups memory() {
    return memory;
  }

  FuseClients clients() {
    return clients;
  }

  /** Where the volumes that are given to Docker are mounted. */
  Path mountDirectory() {
    return root.resolve("mnt");
  }

  /** Where what mounted volumes have on this host is kept. */
  Path stateDirectory() {
    return root.resolve("s3");
  }

  ByteSize memoryLimit() {
    return memoryLimit;
  }
}
