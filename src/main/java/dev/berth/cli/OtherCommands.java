package dev.berth.cli;

import dev.berth.admin.AdminWire.FindingView;
import dev.berth.admin.AdminWire.VersionView;
import io.quarkus.runtime.Quarkus;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IExitCodeGenerator;

/** The service itself, and the commands about it. */
final class OtherCommands {
  static final int UNSOUND = 4;

  private OtherCommands() {}

  @Command(
      name = "serve",
      description = "Run the volume plugin in the foreground; configured by BERTH_… variables.",
      mixinStandardHelpOptions = true)
  static final class Serve implements Callable<Integer> {
    @Override
    public Integer call() {
      // A target that is no URI gets an answer like all others, not one without a body.
      System.setProperty("vertx.disableURIValidation", "true");
      Quarkus.run(null, Serve::exit);
      return ExitCode.OK;
    }

    private static void exit(int code, @Nullable Throwable failure) {
      if (failure != null) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        System.err.println("berth: cannot start: " + cause.getMessage());
      }
      System.exit(code);
    }
  }

  @Command(
      name = "doctor",
      description = "Check tools, permissions, socket, ledger and clock, and say what to do.",
      mixinStandardHelpOptions = true)
  static final class Doctor extends Common implements IExitCodeGenerator {
    private int exitCode = ExitCode.OK;

    @Override
    public void run() {
      List<FindingView> findings = berth().list("doctor", FindingView.class);
      exitCode =
          findings.stream().anyMatch(finding -> finding.severity().equals("error"))
              ? UNSOUND
              : ExitCode.OK;
      if (json()) {
        Printer.json(out(), findings);
      } else {
        Printer.table(
            out(),
            List.of("CHECK", "RESULT", "WHAT"),
            findings.stream()
                .map(finding -> List.of(finding.check(), finding.severity(), finding.message()))
                .toList());
      }
    }

    @Override
    public int getExitCode() {
      return exitCode;
    }
  }

  @Command(
      name = "version",
      description = "Show the version of the running Berth.",
      mixinStandardHelpOptions = true)
  static final class Version extends Common {
    @Override
    public void run() {
      VersionView version = berth().get("version", VersionView.class);
      if (json()) {
        Printer.json(out(), version);
      } else {
        out().println("berth " + version.version());
      }
    }
  }
}
