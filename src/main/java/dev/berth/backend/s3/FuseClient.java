package dev.berth.backend.s3;

import dev.berth.host.DaemonCommand;
import dev.berth.host.Tool;
import dev.berth.volume.ByteSize;
import dev.berth.volume.VolumeOptions;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A FUSE client: how it is called and what it can do. How it is started, watched and stopped is the
 * same for all of them, and is done elsewhere.
 */
interface FuseClient {
  ClientKind kind();

  /** The least version that was tried; older ones are refused. */
  ClientVersion leastVersion();

  /** What has to be installed besides the client: one of each set. */
  default List<List<Tool>> needs() {
    return List.of();
  }

  /** The options that it cannot honour, by name, with what it would do instead. */
  Map<String, String> unsupported(VolumeOptions options);

  /** Whether it asks a {@link ClientKeys.Endpoint}; one that does not is given fixed keys. */
  boolean asksForKeys();

  /**
   * Whether another one may serve the volume while the first goes on for those who have files open
   * there: not where both would have one cache.
   */
  default boolean canRetire(VolumeOptions options) {
    return true;
  }

  /** The files with secrets that it reads when it starts; they can go when it is ready. */
  default Map<Path, String> secretFiles(MountPlan plan) {
    return Map.of();
  }

  /**
   * The program, as its version wants to be called, and its arguments; secrets are in its
   * environment or in files, if anywhere.
   */
  DaemonCommand command(MountPlan plan, Path log);

  /** Of a volume without {@code cacheSize}: enough for large files, which are whole there first. */
  ByteSize DEFAULT_SPACE = ByteSize.ofGiB(10);

  /** How much it is to have on this host for a cache and temporary files; empty if it has none. */
  Optional<ByteSize> localSpace(VolumeOptions options);

  /** Whether files that their writers have closed may be on this host only for a while. */
  default boolean writesBack() {
    return false;
  }

  /**
   * How many files were closed by their writers and are only on this host yet, without those that
   * were last written after {@code latest}. Reads what is in {@code directory}, whether the client
   * runs or not. While files come and go it may be off, but is not 0 unless it was 0.
   */
  default int notUploaded(Path directory, Instant latest) {
    return 0;
  }

  /** All of them. */
  default int notUploaded(Path directory) {
    return notUploaded(directory, Instant.MAX);
  }

  /**
   * Whether objects that bear no permissions are closed to all but root, unless the options give
   * some, which then hold for all objects.
   */
  default boolean closesOthersObjects() {
    return false;
  }

  /** What users of the volume had better know when they create it; empty if nothing. */
  default Optional<String> caveat() {
    return Optional.empty();
  }

  /** Whether an empty volume needs an object in it, lest Docker copy an image's files there. */
  default boolean refusesDockersCopy() {
    return false;
  }
}
