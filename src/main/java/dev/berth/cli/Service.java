package dev.berth.cli;

import io.quarkus.runtime.Quarkus;
import java.math.BigDecimal;
import java.text.SimpleDateFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code berth serve}, whose options are all variables and properties. */
final class Service {
  private Service() {}

  /** Returns when the service has stopped; one that cannot start ends the process. */
  static void run() {
    // A target that is no URI gets an answer like all others, not one without a body.
    System.setProperty("vertx.disableURIValidation", "true");
    // Quarkus sets this too, but only after the management port has made Vert.x read it; with it, a
    // request of an unknown HTTP version comes to Berth, and is answered like all others.
    System.setProperty("vertx.disableWebsockets", "true");
    Thread.ofPlatform().daemon().name("ready").start(Service::readyNumbersAndDates);
    Quarkus.run(null, Service::exit);
  }

  /**
   * What of the JDK Jackson has to have for its first object, and what is slow to get ready: a
   * second processor does it meanwhile. Classes of the JDK alone, which may be readied in any
   * order.
   */
  private static void readyNumbersAndDates() {
    List.of(BigDecimal.ONE, new SimpleDateFormat("EEE, dd MMM yyyy HH:mm:ss zzz", Locale.US));
  }

  private static void exit(int code, @Nullable Throwable failure) {
    if (failure != null) {
      System.err.println("berth: cannot start: " + StartFailure.text(failure));
    }
    System.exit(code);
  }
}
