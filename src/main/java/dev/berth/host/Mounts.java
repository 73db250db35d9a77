package dev.berth.host;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Mounts and unmounts filesystems, flushes and freezes them. */
@ApplicationScoped
public class Mounts {
  private static final Duration MOUNT = Duration.ofMinutes(30);
  private static final Duration FLUSH = Duration.ofMinutes(10);
  private static final String NOT_MOUNTED = "not mounted";
  private static final String FROZEN_ALREADY = "Device or resource busy";
  private final CommandRunner commands;

  public Mounts(CommandRunner commands) {
    this.commands = commands;
  }

  /**
   * Mounts {@code device}; mounting it twice at one place stacks, so look at the {@link MountTable}
   * first. May take minutes, where a long log is replayed.
   */
  public void mount(Path device, String type, List<String> options, Path mountpoint) {
    List<String> arguments = new ArrayList<>(List.of("-t", type));
    if (!options.isEmpty()) {
      arguments.addAll(List.of("-o", String.join(",", options)));
    }
    arguments.addAll(List.of("--", device.toString(), mountpoint.toString()));
    commands.run(Command.of(Tool.MOUNT, arguments).within(MOUNT)).orFail();
  }

  /** Makes what is at {@code source} appear at {@code target} as well. */
  public void bind(Path source, Path target) {
    commands
        .run(Command.of(Tool.MOUNT, "--bind", "--", source.toString(), target.toString()))
        .orFail();
  }

  /**
   * Takes what is at {@code mountpoint} away from there, whoever uses it: users that have it open
   * keep it until they close it. Nothing there: success.
   */
  public void detach(Path mountpoint) {
    CommandResult result =
        commands.run(
            Command.of(Tool.UMOUNT, "--no-canonicalize", "--lazy", "--", mountpoint.toString()));
    if (result.exit() != 0 && !result.errors().contains(NOT_MOUNTED)) {
      throw result.failed();
    }
  }

  /**
   * Unmounts what is at {@code mountpoint}; nothing there is a success. A mount in use by this
   * namespace stays and is {@link HostException.ToolFailed}.
   */
  public void unmount(Path mountpoint) {
    CommandResult result =
        commands.run(
            Command.of(Tool.UMOUNT, "--no-canonicalize", "--", mountpoint.toString())
                .within(FLUSH));
    if (result.exit() != 0 && !result.errors().contains(NOT_MOUNTED)) {
      throw result.failed();
    }
  }

  /**
   * Writes everything the filesystem at {@code mountpoint} holds in memory to its device. May take
   * minutes.
   */
  public void flush(Path mountpoint) {
    commands
        .run(Command.of(Tool.SYNC, "--file-system", mountpoint.toString()).within(FLUSH))
        .orFail();
  }

  /**
   * Stops all writes to the filesystem, with everything on the device; {@link #thaw} must follow.
   * Frozen already, by a process that died: success.
   */
  public void freeze(Path mountpoint) {
    CommandResult result =
        commands.run(Command.of(Tool.FSFREEZE, "--freeze", mountpoint.toString()));
    if (result.exit() != 0 && !result.errors().contains(FROZEN_ALREADY)) {
      throw result.failed();
    }
  }

  /**
   * Lets writes go on; whether it was frozen is returned, and a filesystem that was not is no
   * error.
   */
  public boolean thaw(Path mountpoint) {
    CommandResult result =
        commands.run(Command.of(Tool.FSFREEZE, "--unfreeze", mountpoint.toString()));
    if (result.exit() != 0 && !result.errors().contains("Invalid argument")) {
      throw result.failed();
    }
    return result.exit() == 0;
  }
}
