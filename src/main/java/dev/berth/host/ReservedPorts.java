package dev.berth.host;

import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Ports of loopback that a user without rights cannot take: those below {@code
 * net.ipv4.ip_unprivileged_port_start} to which IANA has given no service.
 *
 * @see <a href="https://docs.kernel.org/networking/ip-sysctl.html">ip_unprivileged_port_start</a>
 */
public final class ReservedPorts {
  private static final Path START = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  private static final int FIRST = 914;
  private static final int LAST = 988;
  private static final int RNDC = 953;
  private static final int ANY = 0;
  private static final int LONGEST = 64;

  private ReservedPorts() {}

  /** Whether a user without rights cannot take that port on this host, as it is set now. */
  public static boolean isReserved(int port) {
    // The kernel gives the number to the first read only, however short that is.
    try (InputStream start = Files.newInputStream(START)) {
      String number = new String(start.readNBytes(LONGEST), StandardCharsets.US_ASCII);
      return port > 0 && port < Integer.parseInt(number.strip());
    } catch (IOException | NumberFormatException e) {
      return false;
    }
  }

  /**
   * Listens on 127.0.0.1: on the port that was {@code last} had, if that is reserved, else on
   * another reserved one, else, where none can be had, on any.
   *
   * @param last 0 if there was none
   */
  public static ServerSocket listen(int last) throws IOException {
    List<Integer> ports =
        new ArrayList<>(
            IntStream.rangeClosed(FIRST, LAST).filter(port -> port != RNDC).boxed().toList());
    Collections.shuffle(ports);
    ports.addFirst(last);
    ports.removeIf(port -> !isReserved(port));
    ports.addAll(List.of(last, ANY));
    for (int port : ports) {
      Optional<ServerSocket> socket = bound(port);
      if (socket.isPresent()) {
        return socket.get();
      }
    }
    throw new BindException("no port of 127.0.0.1 is free");
  }

  /** Empty if the port is taken, or may not be had. */
  private static Optional<ServerSocket> bound(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
      return Optional.of(socket);
    } catch (BindException taken) {
      socket.close();
      return Optional.empty();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }
}
