package dev.berth.bench;

import dev.berth.testing.BerthProcess;
import dev.berth.testing.PluginClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Resident memory of a server that has just been started, and after many calls of all kinds. */
final class Memory {
  private static final long AIM = 128L << 20;

  /** One call in so many is part of a volume's life; the others only read. */
  private static final int LIVES_ONE_IN = 25;

  private static final int CALLS_OF_A_LIFE = 4;
  private static final String VOLUME = "memory";

  private final BerthProcess berth;
  private final Optional<RcloneProcess> rclone;
  private final Scale scale;

  Memory(BerthProcess berth, Optional<RcloneProcess> rclone, Scale scale) {
    this.berth = berth;
    this.rclone = rclone;
    this.scale = scale;
  }

  List<Row> run() {
    berth.start();
    rclone.ifPresent(RcloneProcess::start);
    long fresh = Machine.resident(berth.pid());
    Optional<Long> othersFresh = rclone.map(it -> Machine.resident(it.pid()));
    call(berth.socket(), Map.of("size", "64MiB"));
    rclone.ifPresent(it -> call(it.socket(), it.options(VOLUME)));
    long used = Machine.resident(berth.pid());
    Optional<Long> othersUsed = rclone.map(it -> Machine.resident(it.pid()));
    berth.stop();
    rclone.ifPresent(RcloneProcess::stop);
    return List.of(
        Row.memory("resident memory at the start", fresh, "rclone", othersFresh),
        Row.memory("… after %,d calls".formatted(scale.memoryCalls()), used, "rclone", othersUsed)
            .aimingAt("≤ " + Machine.mebibytes(AIM), used <= AIM));
  }

  private void call(Path socket, Map<String, String> options) {
    PluginClient client = new PluginClient(socket);
    client.create(VOLUME, options).orFail();
    Map<String, String> mounted = Map.of("Name", VOLUME + "-life", "ID", "memory");
    List<ByteBuffer> life =
        List.of(
            KeptOpen.request(
                "VolumeDriver.Create", Map.of("Name", VOLUME + "-life", "Opts", options)),
            KeptOpen.request("VolumeDriver.Mount", mounted),
            KeptOpen.request("VolumeDriver.Unmount", mounted),
            KeptOpen.request("VolumeDriver.Remove", Map.of("Name", VOLUME + "-life")));
    List<ByteBuffer> reads =
        List.of(
            KeptOpen.request("VolumeDriver.Get", Map.of("Name", VOLUME)),
            KeptOpen.request("VolumeDriver.Path", Map.of("Name", VOLUME)),
            KeptOpen.request("VolumeDriver.List", Map.of()),
            KeptOpen.request("VolumeDriver.Capabilities", Map.of()));
    try (KeptOpen connection = new KeptOpen(socket)) {
      for (int i = 0; i < scale.memoryCalls(); i++) {
        int place = i % (LIVES_ONE_IN * CALLS_OF_A_LIFE);
        connection.call(place < CALLS_OF_A_LIFE ? life.get(place) : reads.get(i % reads.size()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    client.remove(VOLUME).orFail();
  }
}
