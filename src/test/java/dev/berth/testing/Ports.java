package dev.berth.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports of 127.0.0.1 for servers that cannot choose one themselves. */
public final class Ports {
  /** Below those that Linux gives out by itself: nobody else takes it before its server does. */
  private static final int FIRST = 16_000;

  private static final int LAST = 32_000;
  private static final int TRIES = 100;

  private Ports() {}

  /** One that nobody uses at this moment. */
  public static int free() {
    for (int tries = 0; tries < TRIES; tries++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // In use: the next one.
      }
    }
    throw new AssertionError("no free port after %d tries".formatted(TRIES));
  }
}
