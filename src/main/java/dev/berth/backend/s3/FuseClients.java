package dev.berth.backend.s3;

import dev.berth.host.Command;
import dev.berth.host.CommandResult;
import dev.berth.host.CommandRunner;
import dev.berth.host.HostException;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/** The clients there are, and which of them is to serve a volume. */
final class FuseClients {
  private static final List<FuseClient> ALL =
      List.of(new S3fsClient(), new RcloneClient(), new MountS3Client());

  /** What programs said of their version: each is asked once, until it is replaced. */
  private final ConcurrentHashMap<Installed, String> told = new ConcurrentHashMap<>();

  private final CommandRunner commands;
  private final List<ClientKind> order;

  /** A program as it is now. */
  private record Installed(Path program, FileTime changed) {
    /** Empty if that cannot be told. */
    static Optional<Installed> of(Path program) {
      try {
        return Optional.of(new Installed(program, Files.getLastModifiedTime(program)));
      } catch (IOException e) {
        return Optional.empty();
      }
    }
  }

  /** Of a client on this host. */
  private sealed interface Verdict {}

  private record Usable(ClientVersion version) implements Verdict {}

  private record Unusable(String why) implements Verdict {}

  FuseClients(CommandRunner commands, List<ClientKind> order) {
    this.commands = commands;
    this.order = List.copyOf(order);
  }

  /** The one that a volume with these complete options is mounted by. */
  static FuseClient of(VolumeOptions options) {
    return of(options.require(S3Options.CLIENT));
  }

  static FuseClient of(ClientKind kind) {
    return ALL.stream().filter(client -> client.kind() == kind).findFirst().orElseThrow();
  }

  /**
   * The client that {@code client=} names, else the first in the configured order that is installed
   * and can honour all options. None: {@link VolumeException.Invalid}, which says of an option that
   * is in the way which client can honour it. May block a second to ask programs for their version.
   */
  FuseClient choose(VolumeName volume, VolumeOptions options) {
    return options
        .find(S3Options.CLIENT)
        .map(kind -> named(volume, of(kind), options))
        .orElseGet(() -> first(volume, options));
  }

  private FuseClient named(VolumeName volume, FuseClient client, VolumeOptions options) {
    Map<String, String> unsupported = client.unsupported(options);
    if (!unsupported.isEmpty()) {
      throw new VolumeException.Invalid(
          "volume %s: the client %s cannot honour %s. %s"
              .formatted(volume, client.kind().word(), reasons(unsupported), able(options)));
    }
    requireUsable(volume, client);
    return client;
  }

  /**
   * The version of a client on this host; {@link VolumeException.Failed} if it cannot serve: it is
   * not installed, too old, or cannot even say which version it is.
   */
  ClientVersion requireUsable(VolumeName volume, FuseClient client) {
    return switch (look(client)) {
      case Usable usable -> usable.version();
      case Unusable unusable ->
          throw new VolumeException.Failed(
              "volume %s is served by the client %s, but on this host %s"
                  .formatted(volume, client.kind().word(), unusable.why()));
    };
  }

  private FuseClient first(VolumeName volume, VolumeOptions options) {
    Map<ClientKind, String> reasons = new EnumMap<>(ClientKind.class);
    for (ClientKind kind : order) {
      FuseClient client = of(kind);
      Map<String, String> unsupported = client.unsupported(options);
      if (!unsupported.isEmpty()) {
        reasons.put(kind, "it cannot honour " + reasons(unsupported));
        continue;
      }
      switch (look(client)) {
        case Usable _ -> {
          return client;
        }
        case Unusable unusable -> reasons.put(kind, unusable.why());
      }
    }
    throw new VolumeException.Invalid(
        "volume %s: no client can serve it. %s"
            .formatted(
                volume,
                reasons.entrySet().stream()
                    .map(reason -> reason.getKey().word() + ": " + reason.getValue())
                    .collect(Collectors.joining("; "))));
  }

  private static String able(VolumeOptions options) {
    String words =
        ALL.stream()
            .filter(client -> client.unsupported(options).isEmpty())
            .map(client -> "client=" + client.kind().word())
            .collect(Collectors.joining(" or "));
    return words.isEmpty() ? "No client can" : words + " can";
  }

  private static String reasons(Map<String, String> unsupported) {
    return unsupported.entrySet().stream()
        .map(reason -> "%s (%s)".formatted(reason.getKey(), reason.getValue()))
        .collect(Collectors.joining(", "));
  }

  private Verdict look(FuseClient client) {
    if (commands.locate(client.kind().tool()).isEmpty()) {
      return new Unusable(
          "it is not installed; install the package " + client.kind().tool().debianPackage());
    }
    return client.needs().stream()
        .filter(any -> any.stream().allMatch(tool -> commands.locate(tool).isEmpty()))
        .findFirst()
        .<Verdict>map(any -> new Unusable("it needs the program " + any.getFirst().program()))
        .orElseGet(() -> lookAtVersion(client));
  }

  private Verdict lookAtVersion(FuseClient client) {
    Optional<Installed> installed = commands.locate(client.kind().tool()).flatMap(Installed::of);
    Optional<String> known = installed.map(told::get);
    try {
      String text = known.orElseGet(() -> askVersion(client));
      installed.ifPresent(program -> told.put(program, text));
      return ClientVersion.in(text)
          .map(version -> judged(client, version))
          .orElseGet(() -> new Unusable("it does not say its version"));
    } catch (HostException e) {
      return new Unusable("it does not say its version: " + e.getMessage());
    }
  }

  private String askVersion(FuseClient client) {
    CommandResult result = commands.run(Command.of(client.kind().tool(), "--version")).orFail();
    return result.output() + result.errors();
  }

  private static Verdict judged(FuseClient client, ClientVersion version) {
    return version.isAtLeast(client.leastVersion())
        ? new Usable(version)
        : new Unusable(
            "it is version %s; at least %s is needed".formatted(version, client.leastVersion()));
  }
}
