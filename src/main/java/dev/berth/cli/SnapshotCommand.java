package dev.berth.cli;

import dev.berth.admin.AdminWire.SnapshotView;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code berth snapshot create|ls|rm}. */
@Command(
    name = "snapshot",
    description = "Copies of volumes; 'docker volume create -o snapshotId=ID' restores one.",
    mixinStandardHelpOptions = true,
    subcommands = {
      SnapshotCommand.Create.class,
      SnapshotCommand.Ls.class,
      SnapshotCommand.Rm.class
    })
final class SnapshotCommand {
  @Command(
      name = "create",
      description = "Copy a volume as it is now.",
      mixinStandardHelpOptions = true)
  static final class Create extends Common {
    @Parameters(paramLabel = "VOLUME", index = "0")
    String name = "";

    @Override
    public void run() {
      SnapshotView snapshot =
          berth()
              .post(
                  "volumes/" + PathText.encode(name) + "/snapshots", Map.of(), SnapshotView.class);
      if (json()) {
        Printer.json(out(), snapshot);
      } else {
        out().println(snapshot.id());
      }
    }
  }

  @Command(
      name = "ls",
      description = "List the snapshots, the oldest first.",
      mixinStandardHelpOptions = true)
  static final class Ls extends Common {
    @Override
    public void run() {
      List<SnapshotView> snapshots = berth().list("snapshots", SnapshotView.class);
      if (json()) {
        Printer.json(out(), snapshots);
        return;
      }
      Printer.table(
          out(),
          List.of("ID", "VOLUME", "BACKEND", "SIZE", "FS", "CREATED"),
          snapshots.stream()
              .map(
                  snapshot ->
                      List.of(
                          snapshot.id(),
                          snapshot.volume(),
                          snapshot.backend(),
                          Printer.size(snapshot.size()),
                          Optional.ofNullable(snapshot.filesystem()).orElse("-"),
                          snapshot.createdAt()))
              .toList());
    }
  }

  @Command(name = "rm", description = "Delete a snapshot.", mixinStandardHelpOptions = true)
  static final class Rm extends Common {
    @Parameters(paramLabel = "ID", index = "0")
    String id = "";

    @Override
    public void run() {
      berth().delete("snapshots/" + PathText.encode(id));
      if (json()) {
        Printer.json(out(), Map.of("deleted", id));
      } else {
        out().println(id + " is deleted");
      }
    }
  }
}
