package dev.berth.host;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is written on a device, as libblkid knows it. {@code blkid} ends with 2 both when it finds
 * nothing and when it cannot read, so its silence is never an answer; {@code wipefs} tells the two
 * apart.
 */
@ApplicationScoped
public class Signatures {
  private static final int FOUND_NOTHING_OR_UNREADABLE = 2;
  private final CommandRunner commands;

  public Signatures(CommandRunner commands) {
    this.commands = commands;
  }

  /**
   * A filesystem, RAID, volume manager or partition table.
   *
   * @param type as libblkid names it: {@code ext4}, {@code LVM2_member}, {@code crypto_LUKS},
   *     {@code gpt}
   * @param uuid empty if it has none
   */
  public record Signature(String type, Optional<String> uuid) {}

  /**
   * The signature on {@code device}, empty if it is certain that there is none. A failed or
   * doubtful probe is a {@link HostException}.
   */
  public Optional<Signature> probe(Path device) {
    CommandResult result =
        commands.run(
            Command.of(Tool.BLKID, "--probe", "--output", "export", "--", device.toString()));
    return switch (result.exit()) {
      case 0 -> Optional.of(signature(result.output(), device));
      case FOUND_NOTHING_OR_UNREADABLE -> secondLook(device);
      default -> throw result.failed();
    };
  }

  /** Erases every signature on {@code device}. None there: success. */
  public void erase(Path device) {
    commands.run(Command.of(Tool.WIPEFS, "--all", "--quiet", "--", device.toString())).orFail();
  }

  private static Signature signature(String export, Path device) {
    Map<String, String> values = new TreeMap<>();
    export
        .lines()
        .filter(line -> line.indexOf('=') > 0)
        .forEach(
            line ->
                values.put(
                    line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
    String type = values.getOrDefault("TYPE", values.getOrDefault("PTTYPE", "unknown"));
    if (values.isEmpty()) {
      throw new HostException.Unexpected(
          "blkid succeeded on %s and printed nothing".formatted(device));
    }
    return new Signature(type, Optional.ofNullable(values.get("UUID")));
  }

  /**
   * wipefs fails where it cannot read, and finds what blkid passes over, such as a GPT of which
   * only the copy at the end is left.
   */
  private Optional<Signature> secondLook(Path device) {
    List<String> found =
        commands
            .run(
                Command.of(
                    Tool.WIPEFS,
                    "--no-act",
                    "--noheadings",
                    "--output",
                    "TYPE",
                    "--",
                    device.toString()))
            .orFail()
            .output()
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .toList();
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(new Signature(String.join(" and ", found), Optional.empty()));
  }
}
