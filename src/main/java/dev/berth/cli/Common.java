package dev.berth.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all commands but {@code serve} share. */
abstract class Common implements Runnable {
  enum Output {
    TABLE,
    JSON
  }

  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--socket",
      description = "Berth's socket (default: $BERTH_SOCKET, else ${DEFAULT-VALUE})",
      defaultValue = "${env:BERTH_SOCKET:-/run/docker/plugins/berth.sock}")
  Path socket = Path.of("/run/docker/plugins/berth.sock");

  @Option(
      names = {"-o", "--output"},
      description = "table or json (default: ${DEFAULT-VALUE})",
      defaultValue = "table")
  Output output = Output.TABLE;

  BerthClient berth() {
    return new BerthClient(socket);
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  boolean json() {
    return output == Output.JSON;
  }
}
