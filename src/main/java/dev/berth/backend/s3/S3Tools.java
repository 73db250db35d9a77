package dev.berth.backend.s3;

import dev.berth.host.CommandRunner;
import dev.berth.host.Daemons;
import dev.berth.host.FuseConnections;
import dev.berth.host.MemoryGroups;
import dev.berth.host.MountNamespaces;
import dev.berth.host.MountReplacer;
import dev.berth.host.Mounts;
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
