package dev.berth.protocol;

import dev.berth.lifecycle.VolumeFacts;
import dev.berth.lifecycle.VolumeStatus;
import dev.berth.volume.Claim;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.HostId;
import dev.berth.volume.MountClient;
import dev.berth.volume.Volume;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code docker volume inspect} shows under Status. */
final class StatusView {
  private StatusView() {}

  static Map<String, Object> of(VolumeStatus status, Optional<MountClient> client) {
    Volume volume = status.volume();
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("state", volume.state().word());
    shown.put("backend", volume.backend().value());
    volume.options().text(CommonOptions.SIZE).ifPresent(size -> shown.put("size", size));
    status.usage().ifPresent(usage -> shown.put("used", usage.used().bytes()));
    VolumeFacts.filesystem(volume).ifPresent(filesystem -> shown.put("filesystem", filesystem));
    shown.put("mounted", status.mounted());
    VolumeFacts.device(status).ifPresent(device -> shown.put("device", device));
    VolumeFacts.owner(volume).map(HostId::value).ifPresent(owner -> shown.put("owner", owner));
    shown.put("holders", status.claim().map(StatusView::ids).orElse(List.of()));
    status.heldBy().ifPresent(who -> shown.put("heldBy", who));
    client.ifPresent(process -> show(process, shown));
    status.warning().ifPresent(warning -> shown.put("warning", warning));
    status
        .lastError()
        .or(() -> client.flatMap(MountClient::lastError))
        .ifPresent(error -> shown.put("lastError", error));
    return shown;
  }

  private static void show(MountClient client, Map<String, Object> shown) {
    shown.put("client", client.program());
    shown.put("clientPid", client.pid());
    shown.put("clientState", client.state().word());
    shown.put("clientRestarts", client.restarts());
    client.cacheBytes().ifPresent(bytes -> shown.put("cacheUsed", bytes));
  }

  private static List<String> ids(Claim claim) {
    return claim.mountIds().keySet().stream().map(Object::toString).toList();
  }
}
