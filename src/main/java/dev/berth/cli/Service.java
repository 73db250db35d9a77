package dev.berth.cli;

import io.quarkus.runtime.Quarkus;
import org.jspecify.annotations.Nullable;

/** {@code berth serve}, whose options are all variables and properties. */
final class Service {
  private Service() {}

  /** Returns when the service has stopped; one that cannot start ends the process. */
  static void run() {
    // A target that is no URI gets an answer like all others, not one without a body.
    System.setProperty("vertx.disableURIValidation", "true");
    Quarkus.run(null, Service::exit);
  }

  private static void exit(int code, @Nullable Throwable failure) {
    if (failure != null) {
      System.err.println("berth: cannot start: " + StartFailure.text(failure));
    }
    System.exit(code);
  }
}
