package dev.berth.backend.loop;

import dev.berth.volume.BackendName;
import dev.berth.volume.ByteSize;
import dev.berth.volume.FilesystemType;
import dev.berth.volume.Snapshot;
import dev.berth.volume.VolumeName;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.Properties;

/** What is to be known of a snapshot beside its bytes, as a properties file. */
final class SnapshotFacts {
  private SnapshotFacts() {}

  /** Writes them to {@code file}, durably. */
  static void write(Path file, Snapshot snapshot) throws IOException {
    Properties facts = new Properties();
    facts.setProperty("id", snapshot.id());
    facts.setProperty("volume", snapshot.volume().value());
    facts.setProperty("backend", snapshot.backend().value());
    snapshot.type().ifPresent(type -> facts.setProperty("type", type.name()));
    facts.setProperty("size", snapshot.size().toString());
    facts.setProperty("createdAt", snapshot.createdAt().toString());
    try (Writer writer = Files.newBufferedWriter(file)) {
      facts.store(writer, null);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  static Snapshot read(Path file) throws IOException {
    Properties facts = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      facts.load(reader);
    }
    return new Snapshot(
        required(facts, "id"),
        new VolumeName(required(facts, "volume")),
        new BackendName(required(facts, "backend")),
        Optional.ofNullable(facts.getProperty("type")).map(FilesystemType::valueOf),
        ByteSize.parse(required(facts, "size")),
        Instant.parse(required(facts, "createdAt")));
  }

  private static String required(Properties facts, String name) throws IOException {
    String value = facts.getProperty(name);
    if (value == null) {
      throw new IOException("no " + name);
    }
    return value;
  }
}
