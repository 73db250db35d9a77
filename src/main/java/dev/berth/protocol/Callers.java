package dev.berth.protocol;

import dev.berth.lifecycle.Caller;
import dev.berth.lifecycle.CallerCheck;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import org.jboss.logging.Logger;

/** Which process calls, as the kernel says it (SO_PEERCRED, see unix(7)). */
@Singleton
class Callers {
  private static final Logger LOG = Logger.getLogger(Callers.class);
  private static final int AFTER_THE_GATE = 850;
  private static final String ENGINES = "/VolumeDriver.";

  private final CallerCheck check;

  Callers(CallerCheck check) {
    this.check = check;
  }

  /** Where Berth sees all processes anyway, no call has to pay for it. */
  void register(@Observes Filters filters) {
    if (check.processes() != CallerCheck.Seen.YES) {
      filters.register(this::note, AFTER_THE_GATE);
    }
  }

  private void note(RoutingContext routed) {
    if (String.valueOf(routed.request().path()).startsWith(ENGINES)) {
      check.heardFrom(of(routed.request()));
    }
    routed.next();
  }

  /** Who made the connection; {@link Caller#UNKNOWN} if the kernel does not say. */
  static Caller of(HttpServerRequest call) {
    if (call.connection() instanceof ConnectionBase connection
        && connection.channel() instanceof EpollDomainSocketChannel channel) {
      try {
        return new Caller(channel.peerCredentials().pid());
      } catch (IOException e) {
        LOG.debug("who calls is not known", e);
      }
    }
    return Caller.UNKNOWN;
  }
}
