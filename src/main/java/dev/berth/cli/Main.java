package dev.berth.cli;

import io.quarkus.runtime.annotations.QuarkusMain;
import java.util.List;

/**
 * Where the process begins. The service does without picocli, whose classes are of a form that no
 * AOT cache takes: reading them would be a third of its start.
 */
@QuarkusMain
public final class Main {
  private static final List<String> SERVE = List.of("serve");

  private Main() {}

  /** Runs one command and exits with its code; {@code serve} exits when the service has stopped. */
  public static void main(String... arguments) {
    if (SERVE.equals(List.of(arguments))) {
      Service.run();
      System.exit(0);
    }
    System.exit(Berth.execute(arguments));
  }
}
