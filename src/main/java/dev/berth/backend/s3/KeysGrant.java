package dev.berth.backend.s3;

import dev.berth.host.HostException;
import dev.berth.host.ProcessId;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.jboss.logging.Logger;

/**
 * That one client may ask for its volume's credentials, kept on this host's disk, readable by root
 * only, so that a new run of Berth answers the client that it finds.
 *
 * @param generation of the client among those of its mount
 * @param port where it asks
 * @param token what it shows; it is worth nothing to any other process
 * @param process the client
 * @param given which keys it got last, as {@link HeldKeys#print}; empty if none, or some that
 *     expire
 */
record KeysGrant(int generation, int port, String token, ProcessId process, String given) {
  private static final Logger LOG = Logger.getLogger(KeysGrant.class);
  private static final String FILE = "keys.";

  void write(ClientDirectory directory) {
    String text =
        "port=%d%ntoken=%s%npid=%d%nstartTicks=%d%ngiven=%s%n"
            .formatted(port, token, process.pid(), process.startTicks(), given);
    directory.writeSecret(directory.path().resolve(FILE + generation), text);
  }

  KeysGrant withGiven(String print) {
    return new KeysGrant(generation, port, token, process, print);
  }

  /** All that are in a volume's directory and whose process lives; those of others are deleted. */
  static List<KeysGrant> readLiving(ClientDirectory directory) {
    List<KeysGrant> living = new ArrayList<>();
    if (Files.notExists(directory.path())) {
      return living;
    }
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory.path(), FILE + "[0-9]*")) {
      for (Path file : files) {
        Optional<KeysGrant> grant = read(file).filter(found -> found.process().alive());
        if (grant.isPresent()) {
          living.add(grant.get());
        } else {
          Files.deleteIfExists(file);
        }
      }
      return living;
    } catch (IOException e) {
      throw new HostException.Io("cannot read the files in " + directory.path(), e);
    }
  }

  /** Empty if it cannot be understood, as a host that lost its power may leave it. */
  private static Optional<KeysGrant> read(Path file) throws IOException {
    Properties facts = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      facts.load(reader);
      return Optional.of(
          new KeysGrant(
              Integer.parseInt(file.getFileName().toString().substring(FILE.length())),
              Integer.parseInt(facts.getProperty("port", "")),
              facts.getProperty("token", ""),
              new ProcessId(
                  Long.parseLong(facts.getProperty("pid", "")),
                  Long.parseLong(facts.getProperty("startTicks", ""))),
              facts.getProperty("given", "")));
    } catch (IllegalArgumentException e) {
      LOG.warnf("%s cannot be understood: %s", file, e.getMessage());
      return Optional.empty();
    }
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "keys for process %d on port %d".formatted(process.pid(), port);
  }
}
