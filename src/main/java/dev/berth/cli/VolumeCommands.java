package dev.berth.cli;

import dev.berth.admin.AdminWire.GrowRequest;
import dev.berth.admin.AdminWire.ReleaseRequest;
import dev.berth.admin.AdminWire.VolumeView;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands about volumes. */
final class VolumeCommands {
  private VolumeCommands() {}

  @Command(name = "ls", description = "List the volumes.", mixinStandardHelpOptions = true)
  static final class ListVolumes extends Common {
    @Override
    public void run() {
      List<VolumeView> volumes = berth().list("volumes", VolumeView.class);
      if (json()) {
        Printer.json(out(), volumes);
        return;
      }
      Printer.table(
          out(),
          List.of("NAME", "BACKEND", "STATE", "SIZE", "USED", "FS", "MOUNTED", "HOLDERS", "ERROR"),
          volumes.stream().map(ListVolumes::row).toList());
    }

    private static List<String> row(VolumeView volume) {
      return List.of(
          volume.name(),
          volume.backend(),
          volume.state(),
          Optional.ofNullable(volume.size()).map(Printer::size).orElse("-"),
          Optional.ofNullable(volume.used()).map(Printer::size).orElse("-"),
          Optional.ofNullable(volume.filesystem()).orElse("-"),
          volume.mounted() ? "yes" : "no",
          String.valueOf(volume.holders().size()),
          Optional.ofNullable(volume.lastError())
              .or(() -> Optional.ofNullable(volume.heldBy()))
              .orElse(""));
    }
  }

  @Command(
      name = "inspect",
      description = "Show all that is known of a volume, as JSON.",
      mixinStandardHelpOptions = true)
  static final class Inspect extends Common {
    @Parameters(paramLabel = "VOLUME", index = "0")
    String name = "";

    @Override
    public void run() {
      Printer.json(out(), berth().get("volumes/" + PathText.encode(name), VolumeView.class));
    }
  }

  @Command(
      name = "grow",
      description = "Make a volume larger, mounted or not.",
      mixinStandardHelpOptions = true)
  static final class Grow extends Common {
    @Parameters(paramLabel = "VOLUME", index = "0")
    String name = "";

    @Parameters(paramLabel = "SIZE", index = "1", description = "e.g. 20GiB")
    String size = "";

    @Override
    public void run() {
      VolumeView volume =
          berth()
              .post(
                  "volumes/" + PathText.encode(name) + "/grow",
                  new GrowRequest(size),
                  VolumeView.class);
      if (json()) {
        Printer.json(out(), volume);
      } else {
        out()
            .println(
                "%s has %s"
                    .formatted(
                        name, Optional.ofNullable(volume.size()).map(Printer::size).orElse(size)));
      }
    }
  }

  @Command(
      name = "release",
      description = "Unmount an unused volume now and give it free for other hosts.",
      mixinStandardHelpOptions = true)
  static final class Release extends Common {
    @Parameters(paramLabel = "VOLUME", index = "0")
    String name = "";

    @Option(
        names = "--force",
        description =
            "Ignore mount ids that Docker never took back, and take the volume from all other hosts that hold it, which must be gone for good")
    boolean force;

    @Option(
        names = "--discard",
        description =
            "With --force: delete the files that were written on this host and that the store of the volume never took")
    boolean discard;

    @Override
    public void run() {
      VolumeView volume =
          berth()
              .post(
                  "volumes/" + PathText.encode(name) + "/release",
                  new ReleaseRequest(force, discard),
                  VolumeView.class);
      if (json()) {
        Printer.json(out(), volume);
      } else {
        out()
            .println(
                name
                    + " is released"
                    + Optional.ofNullable(volume.discardedFiles())
                        .map("; files given up: %d"::formatted)
                        .orElse(""));
      }
    }
  }
}
