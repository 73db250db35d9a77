package dev.berth.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The {@code berth} command. Exit codes: 0 done, 1 Berth said no, 2 wrong usage, 3 Berth does not
 * answer, 4 the doctor found errors.
 */
@Command(
    name = "berth",
    description = "Docker volumes that outlive their host.",
    mixinStandardHelpOptions = true,
    subcommands = {
      OtherCommands.Serve.class,
      VolumeCommands.ListVolumes.class,
      VolumeCommands.Inspect.class,
      SnapshotCommand.class,
      VolumeCommands.Grow.class,
      VolumeCommands.Release.class,
      OtherCommands.Doctor.class,
      OtherCommands.Version.class
    })
public final class Berth implements Runnable {
  private static final int REFUSED = 1;
  private static final int UNREACHABLE = 3;

  @Spec CommandSpec spec = CommandSpec.create();

  static int execute(String... arguments) {
    return new CommandLine(new Berth())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((failure, line, parsed) -> failed(failure, line))
        .execute(arguments);
  }

  private static int failed(Exception failure, CommandLine line) {
    line.getErr().println("berth: " + failure.getMessage());
    return failure instanceof BerthClient.Unreachable ? UNREACHABLE : REFUSED;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }
}
