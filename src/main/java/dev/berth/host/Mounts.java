package dev.berth.host;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Mounts and unmounts filesystems, flushes and freezes them. */
@ApplicationScoped
public class Mounts {
  private static final Duration MOUNT = Duration.ofMinutes(30);
  private static final Duration FLUSH = Duration.ofMinutes(10);
  private static final String NOT_MOUNTED = "not mounted";
  private static final String FREEZE = "--freeze";
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
   * Tells the device what the filesystem at {@code mountpoint} does not use. A device that takes no
   * discards, or a filesystem that has none: {@link HostException.ToolFailed}. Not done within
   * {@code limit}: it is ended, and what was told stays told; whether the next call begins anew is
   * the filesystem's affair.
   */
  public void trim(Path mountpoint, Duration limit) {
    commands.run(Command.of(Tool.FSTRIM, "--", mountpoint.toString()).within(limit)).orFail();
  }

  /** The same for {@code length} bytes of the filesystem from {@code offset} on. */
  public void trim(Path mountpoint, long offset, long length, Duration limit) {
    commands
        .run(
            Command.of(
                    Tool.FSTRIM,
                    "--offset",
                    "" + offset,
                    "--length",
                    "" + length,
                    "--",
                    mountpoint.toString())
                .within(limit))
        .orFail();
  }

  /**
   * Stops all writes to the filesystem, with everything on the device; {@link #thaw} must follow.
   * Frozen already, by a process that died: success. Writers wait for as long as this takes, so
   * {@link #flush} first. Whatever it fails with: {@link #beingFrozen} tells whether it may still
   * come to be frozen.
   */
  public void freeze(Path mountpoint) {
    CommandResult result =
        commands.run(Command.of(Tool.FSFREEZE, FREEZE, mountpoint.toString()).within(FLUSH));
    boolean already =
        result.errors().contains(FROZEN_ALREADY) && !beingFrozen().contains(mountpoint);
    if (result.exit() != 0 && !already) {
      throw result.failed();
    }
  }

  /**
   * Where a process is freezing a filesystem and not done yet. The kernel ends it, killed or not,
   * only when the writes in flight have ended, and leaves the filesystem frozen; until then {@link
   * #thaw} finds nothing to thaw. Looks at those processes only that this or an earlier Berth may
   * have started; never waits for one that waits for such a filesystem.
   */
  public Set<Path> beingFrozen() {
    Optional<Path> program = commands.locate(Tool.FSFREEZE);
    return ProcessHandle.allProcesses()
        .filter(process -> program.filter(path -> freezes(process.pid(), path)).isPresent())
        .flatMap(process -> process.info().arguments().stream())
        .map(List::of)
        .filter(arguments -> arguments.size() > 1)
        .filter(arguments -> arguments.get(arguments.size() - 2).equals(FREEZE))
        .map(arguments -> Path.of(arguments.getLast()))
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Without its arguments, which are in its memory, whose lock it may hold while it waits for a
   * page of a frozen filesystem; those of a process that anybody else started are never read.
   */
  private static boolean freezes(long pid, Path program) {
    OwnProcess process = new OwnProcess(pid);
    return process.command().equals(Tool.FSFREEZE.program()) && process.mayRun(program);
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
