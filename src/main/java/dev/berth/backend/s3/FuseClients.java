package dev.berth.backend.s3;

import dev.berth.host.Command;
import dev.berth.host.CommandResult;
import dev.berth.host.CommandRunner;
import dev.berth.host.HostException;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import dev.berth.volume.VolumeOptions;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The clients there are, and which of them is to serve a volume. */
final class FuseClients {
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)(?:\\.\\d+)*");
  private static final List<FuseClient> ALL =
      List.of(new S3fsClient(), new RcloneClient(), new MountS3Client());

  private final CommandRunner commands;
  private final List<ClientKind> order;

  FuseClients(CommandRunner commands, List<ClientKind> order) {
    this.commands = commands;
    this.order = List.copyOf(order);
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

  /** Refuses a client that is not installed on this host, or too old. */
  void requireUsable(VolumeName volume, FuseClient client) {
    unusable(client)
        .ifPresent(
            why -> {
              throw new VolumeException.Failed(
                  "volume %s is served by the client %s, but on this host %s"
                      .formatted(volume, client.kind().word(), why));
            });
  }

  private FuseClient first(VolumeName volume, VolumeOptions options) {
    Map<ClientKind, String> reasons = new EnumMap<>(ClientKind.class);
    for (ClientKind kind : order) {
      FuseClient client = of(kind);
      Map<String, String> unsupported = client.unsupported(options);
      Optional<String> why =
          unsupported.isEmpty()
              ? unusable(client)
              : Optional.of("it cannot honour " + reasons(unsupported));
      if (why.isEmpty()) {
        return client;
      }
      reasons.put(kind, why.get());
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

  private Optional<String> unusable(FuseClient client) {
    if (commands.locate(client.kind().tool()).isEmpty()) {
      return Optional.of(
          "it is not installed; install the package " + client.kind().tool().debianPackage());
    }
    return client.needs().stream()
        .filter(any -> any.stream().allMatch(tool -> commands.locate(tool).isEmpty()))
        .findFirst()
        .map(any -> "it needs the program " + any.getFirst().program())
        .or(() -> tooOld(client));
  }

  private Optional<String> tooOld(FuseClient client) {
    try {
      CommandResult result = commands.run(Command.of(client.kind().tool(), "--version")).orFail();
      Matcher version = VERSION.matcher(result.output() + result.errors());
      if (!version.find()) {
        return Optional.of("it does not say its version");
      }
      List<Integer> found =
          List.of(Integer.valueOf(version.group(1)), Integer.valueOf(version.group(2)));
      return Arrays.compare(
                  found.toArray(Integer[]::new), client.leastVersion().toArray(Integer[]::new))
              < 0
          ? Optional.of(
              "it is version %s; at least %s is needed"
                  .formatted(version.group(), dotted(client.leastVersion())))
          : Optional.empty();
    } catch (HostException e) {
      return Optional.of("it does not say its version: " + e.getMessage());
    }
  }

  private static String dotted(List<Integer> version) {
    return version.stream().map(String::valueOf).collect(Collectors.joining("."));
  }
}
