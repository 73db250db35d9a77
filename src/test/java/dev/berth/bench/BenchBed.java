package dev.berth.bench;

import dev.berth.testing.BerthProcess;
import dev.berth.testing.DockerEngine;
import dev.berth.testing.LeftoverCheck;
import dev.berth.testing.Run;
import dev.berth.testing.S3Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Berths, rclones and an engine, all below one directory. Closing it, which may be done twice, ends
 * them and takes away what they left, however the measuring ended.
 */
final class BenchBed implements AutoCloseable {
  private static final Path PLUGINS = Path.of("/run/docker/plugins");
  private static final Path LOGS = Path.of("target", "bench-logs").toAbsolutePath();

  private final String suffix = "bench" + ThreadLocalRandom.current().nextInt(1_000_000);
  private final Path work;
  private final List<Runnable> stops = new ArrayList<>();
  private final List<Path> sockets = new ArrayList<>();
  private boolean closed;

  BenchBed() {
    try {
      work = Files.createTempDirectory("berth-bench-");
      Files.createDirectories(PLUGINS);
      Files.createDirectories(LOGS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  /** The directory of one of them. */
  Path directory(String name) {
    return work.resolve(name);
  }

  /** The name by which the engine knows a driver. */
  String driver(String name) {
    return name + suffix;
  }

  /** A Berth that is not started yet, configured as it is delivered but for {@code settings}. */
  BerthProcess berth(String name, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("BERTH_CONFIG", "/dev/null");
    BerthProcess berth = new BerthProcess(directory(name), socket(name), log(name), all);
    stops.add(
        () -> {
          if (berth.isRunning()) {
            berth.stop();
          }
        });
    return berth;
  }

  /** An rclone that is not started yet. */
  RcloneProcess rclone(String name) {
    RcloneProcess rclone = new RcloneProcess(directory(name), socket(name), log(name));
    stops.add(rclone::stop);
    return rclone;
  }

  /** A store that runs. */
  S3Store store() {
    S3Store store = new S3Store();
    stops.add(store::stop);
    store.start(directory("store"));
    return store;
  }

  /** An engine that is not started yet. */
  DockerEngine engine() {
    DockerEngine engine = new DockerEngine(directory("engine"), log("dockerd"), false);
    stops.add(
        () -> {
          if (engine.isRunning()) {
            engine.stop();
          }
          engine.unmountLeftovers();
        });
    return engine;
  }

  /** Short, since sockets have names of at most 107 bytes. */
  private Path socket(String name) {
    Path socket = PLUGINS.resolve(driver(name) + ".sock");
    sockets.add(socket);
    return socket;
  }

  /** Where one of them writes what it has to say. */
  static Path log(String name) {
    return LOGS.resolve(name + ".log");
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      stops.reversed().forEach(BenchBed::quietly);
    } finally {
      new LeftoverCheck(work).cleanUp();
      Run.of("rm", "-rf", "--one-file-system", "--", work.toString()).succeed();
      sockets.forEach(BenchBed::delete);
    }
  }

  private static void quietly(Runnable stop) {
    try {
      stop.run();
    } catch (RuntimeException | AssertionError e) {
      System.err.println("bench: " + e);
    }
  }

  private static void delete(Path socket) {
    try {
      Files.deleteIfExists(socket);
      Files.deleteIfExists(socket.resolveSibling(socket.getFileName() + ".lock"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
