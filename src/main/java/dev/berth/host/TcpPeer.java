package dev.berth.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who is at the other end of a TCP connection over loopback, as the kernel knows it: what whoever
 * connects says of himself does not count.
 *
 * @param uid of the user that made the socket
 * @param inode of the socket, by which it is found among the open files of processes
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_net.5.html">proc_pid_net(5)</a>
 */
public record TcpPeer(long uid, long inode) {
  private static final Path TABLE = Path.of("/proc/self/net/tcp");
  private static final Path TABLE_OF_SIX = Path.of("/proc/self/net/tcp6");

  /** What precedes an IPv4 address in a socket of IPv6, as many programs make them. */
  private static final String MAPPED = "0".repeat(16) + hex(0x0000ffff);

  private static final int LOCAL = 1;
  private static final int REMOTE = 2;
  private static final int UID = 7;
  private static final int INODE = 9;

  /** The table is read in pieces, between which it changes. */
  private static final int LOOKS = 3;

  /**
   * Of an IPv4 connection that this process has accepted; empty if its other end is in another
   * network namespace or on another host, or is gone. May block for as long as it takes to read all
   * connections of the host.
   */
  public static Optional<TcpPeer> of(Socket connection) {
    String local = hex((InetSocketAddress) connection.getRemoteSocketAddress());
    String remote = hex((InetSocketAddress) connection.getLocalSocketAddress());
    return Stream.generate(
            () ->
                find(TABLE, local, remote)
                    .or(() -> find(TABLE_OF_SIX, MAPPED + local, MAPPED + remote)))
        .limit(LOOKS)
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<TcpPeer> find(Path table, String local, String remote) {
    try (BufferedReader rows = Files.newBufferedReader(table, StandardCharsets.ISO_8859_1)) {
      return rows.lines()
          .map(row -> row.strip().split("\\s+", -1))
          .filter(row -> row.length > INODE)
          .filter(row -> row[LOCAL].equals(local) && row[REMOTE].equals(remote))
          .findFirst()
          .map(row -> new TcpPeer(Long.parseLong(row[UID]), Long.parseLong(row[INODE])));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new HostException.Io("cannot read " + table, e);
    }
  }

  private static String hex(InetSocketAddress address) {
    int host = ByteBuffer.wrap(address.getAddress().getAddress()).getInt();
    return hex(host) + ":%04X".formatted(address.getPort());
  }

  /** As the kernel prints it: four bytes are one number in this machine's order of bytes. */
  private static String hex(int bytes) {
    boolean same = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
    return "%08X".formatted(same ? bytes : Integer.reverseBytes(bytes));
  }

  /** Whether it is of the user this process runs as. */
  public boolean isOfOwnUser() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer own
          && own == uid;
    } catch (IOException e) {
      throw new HostException.Io("cannot look at /proc/self", e);
    }
  }

  /**
   * Whether it is held by that process, which leads a session, or by another one in the session.
   * What cannot be seen is not held. False if the process is gone, whoever has its pid by now.
   */
  public boolean isOf(ProcessId leader) {
    return leader.alive()
        && (isHeldBy(leader.pid())
            || ProcessId.inSession(leader.pid()).anyMatch(member -> isHeldBy(member.pid())))
        && leader.alive();
  }

  private boolean isHeldBy(long pid) {
    String wanted = "socket:[" + inode + "]";
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path file : files) {
        if (leadsTo(file, wanted)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean leadsTo(Path file, String wanted) {
    try {
      return Files.readSymbolicLink(file).toString().equals(wanted);
    } catch (IOException closed) {
      return false;
    }
  }
}
