package dev.berth.ec2sim.device;

import dev.berth.testing.Run;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** One sparse file for each volume and snapshot. */
final class VolumeFiles {
  private final Path directory;
  private final Map<String, String> names = new ConcurrentHashMap<>();

  VolumeFiles(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Before the file of {@code id} is made: it is called {@code <name>.<id>.img}. */
  void name(String id, String name) {
    names.put(id, name.replaceAll("[^A-Za-z0-9_.-]", "_"));
  }

  Path of(String id) {
    String name = names.get(id);
    return directory.resolve(name == null ? id : "%s.%s.img".formatted(name, id));
  }

  void resize(String id, long bytes) {
    try (RandomAccessFile file = new RandomAccessFile(of(id).toFile(), "rw")) {
      file.setLength(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The copy is there whole, or not at all. */
  void copy(String source, String target) {
    try {
      Path part = of(target + ".part");
      Run.of(
              "cp",
              "--reflink=auto",
              "--sparse=always",
              "--",
              of(source).toString(),
              part.toString())
          .succeed();
      Files.move(part, of(target), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on the bytes are another file's; who has the old one open writes into nothing. */
  void renew(String id) {
    copy(id, id);
  }

  void delete(String id) {
    try {
      Files.deleteIfExists(of(id));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
