package dev.berth.admin;

import dev.berth.admin.AdminWire.ClientView;
import dev.berth.admin.AdminWire.SnapshotView;
import dev.berth.admin.AdminWire.VolumeView;
import dev.berth.lifecycle.VolumeFacts;
import dev.berth.lifecycle.VolumeStatus;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.HostId;
import dev.berth.volume.MountClient;
import dev.berth.volume.MountId;
import dev.berth.volume.Snapshot;
import dev.berth.volume.Volume;
import java.util.List;
import java.util.Optional;

/** From what the life cycle knows to what {@code /v1} says. */
final class Views {
  private Views() {}

  static VolumeView of(VolumeStatus status, Optional<MountClient> client, String mountpoint) {
    Volume volume = status.volume();
    return new VolumeView(
        volume.name().value(),
        volume.backend().value(),
        volume.state().word(),
        volume.options().find(CommonOptions.SIZE).map(ByteSize::bytes).orElse(null),
        status.usage().map(usage -> usage.used().bytes()).orElse(null),
        VolumeFacts.filesystem(volume).orElse(null),
        status.mounted(),
        mountpoint,
        VolumeFacts.device(status).orElse(null),
        VolumeFacts.owner(volume).map(HostId::value).orElse(null),
        status
            .claim()
            .map(claim -> claim.mountIds().keySet().stream().map(MountId::value).toList())
            .orElse(List.of()),
        volume.options().texts(),
        volume.createdAt().toString(),
        client.map(Views::of).orElse(null),
        status.heldBy().orElse(null),
        status.warning().orElse(null),
        status.lastError().or(() -> trouble(client)).orElse(null),
        null);
  }

  private static Optional<String> trouble(Optional<MountClient> client) {
    return client
        .filter(process -> process.state() != MountClient.State.HEALTHY)
        .flatMap(MountClient::lastError);
  }

  private static ClientView of(MountClient client) {
    return new ClientView(
        client.program(),
        client.pid(),
        client.state().word(),
        client.restarts(),
        client.cacheBytes().isPresent() ? client.cacheBytes().getAsLong() : null,
        client.lastError().orElse(null));
  }

  static SnapshotView of(Snapshot snapshot) {
    return new SnapshotView(
        snapshot.id(),
        snapshot.volume().value(),
        snapshot.backend().value(),
        snapshot.type().map(FilesystemType::kernelName).orElse(null),
        snapshot.size().bytes(),
        snapshot.createdAt().toString());
  }
}
