package dev.berth.backend.s3;

import dev.berth.host.DaemonCommand;
import dev.berth.host.Tool;
import dev.berth.volume.ByteSize;
import dev.berth.volume.VolumeOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * rclone mount: files are written to its cache on this host and uploaded a second after they are
 * closed, with retries; what could not be uploaded yet is uploaded by the next client with the same
 * cache. Uploading at once, with a write-back of zero, has no retries and tells nobody of a
 * failure.
 */
final class RcloneClient implements FuseClient {
  private static final ByteSize DEFAULT_CACHE = ByteSize.ofGiB(1);
  private static final int FILE_PERMISSIONS = 0666;

  private static final String DIRTY_KEY = "\"Dirty\"";

  /**
   * In its file for each cached file: the content is newer than the store's. A file without it is
   * being rewritten at this moment.
   */
  private static final Pattern DIRTY = Pattern.compile("\"Dirty\"\\s*:\\s*true");

  @Override
  public ClientKind kind() {
    return ClientKind.RCLONE;
  }

  @Override
  public ClientVersion leastVersion() {
    return new ClientVersion(1, 60);
  }

  @Override
  public List<List<Tool>> needs() {
    return List.of(List.of(Tool.FUSERMOUNT, Tool.FUSERMOUNT3));
  }

  @Override
  public Map<String, String> unsupported(VolumeOptions options) {
    Map<String, String> reasons = new TreeMap<>();
    boolean writes = !options.find(S3Options.READ_ONLY).orElse(false);
    if (writes && !options.find(S3Options.ALLOW_DELETE).orElse(true)) {
      reasons.put("allowDelete=false", "it cannot forbid deleting");
    }
    if (writes && !options.find(S3Options.ALLOW_OVERWRITE).orElse(true)) {
      reasons.put("allowOverwrite=false", "it cannot forbid overwriting");
    }
    if (options.find(S3Options.SSE).filter(Encryption.KMS_DSSE::equals).isPresent()) {
      reasons.put("sse=aws:kms:dsse", "it does not know it");
    }
    return reasons;
  }

  @Override
  public boolean asksForKeys() {
    return true;
  }

  @Override
  public boolean canRetire(VolumeOptions options) {
    return false;
  }

  @Override
  public DaemonCommand command(MountPlan plan, Path log) {
    Location location = plan.target().location();
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("mount", "s:%s/%s".formatted(location.bucket(), location.prefix())));
    arguments.addAll(List.of(plan.mountpoint().toString(), "--allow-other"));
    arguments.addAll(List.of("--devname", plan.filesystemName()));
    // Without this every user may do everything, whatever the permissions say.
    arguments.add("--default-permissions");
    arguments.addAll(List.of("--uid", "" + plan.uid(), "--gid", "" + plan.gid()));
    arguments.addAll(List.of("--umask", "000", "--dir-perms", octal(plan.mode())));
    arguments.addAll(List.of("--file-perms", octal(plan.mode() & FILE_PERMISSIONS)));
    arguments.addAll(List.of("--vfs-cache-mode", "writes", "--vfs-write-back", "1s"));
    arguments.addAll(List.of("--vfs-cache-max-size", cacheSize(plan.options()).bytes() + "b"));
    // What was sent makes room; by default only once a minute.
    arguments.addAll(List.of("--vfs-cache-poll-interval", "1s"));
    arguments.addAll(List.of("--cache-dir", plan.cache().toString(), "--dir-cache-time", "1m"));
    arguments.addAll(List.of("--log-level", "ERROR"));
    if (plan.readOnly()) {
      arguments.add("--read-only");
    }
    return new DaemonCommand(kind().tool(), arguments, environment(plan), log);
  }

  private static Map<String, String> environment(MountPlan plan) {
    Store store = plan.target().store();
    Map<String, String> environment = ClientEnvironment.with(plan.keys(), plan.directory());
    environment.put("RCLONE_CONFIG", "/dev/null");
    // With AWS_CA_BUNDLE it does not start.
    ClientEnvironment.certificates()
        .ifPresent(file -> environment.putIfAbsent("SSL_CERT_FILE", file));
    environment.put("TMPDIR", plan.temporary().toString());
    Map<String, String> remote = new TreeMap<>();
    remote.put("TYPE", "s3");
    remote.put("PROVIDER", store.endpoint().isPresent() ? "Other" : "AWS");
    remote.put("ENV_AUTH", "true");
    remote.put("REGION", store.region().id());
    remote.put("FORCE_PATH_STYLE", "" + store.pathStyle());
    // Without this the first write to a bucket that was deleted would make it anew.
    remote.put("NO_CHECK_BUCKET", "true");
    store.endpoint().ifPresent(uri -> remote.put("ENDPOINT", uri.toString()));
    VolumeOptions options = plan.options();
    options.find(S3Options.STORAGE_CLASS).ifPresent(of -> remote.put("STORAGE_CLASS", of.name()));
    options.find(S3Options.SSE).ifPresent(sse -> remote.put("SERVER_SIDE_ENCRYPTION", sse.word()));
    options.find(S3Options.KMS_KEY_ID).ifPresent(key -> remote.put("SSE_KMS_KEY_ID", key));
    remote.forEach((name, value) -> environment.put("RCLONE_CONFIG_S_" + name, value));
    return environment;
  }

  private static String octal(int mode) {
    return "%04o".formatted(mode);
  }

  @Override
  public Optional<ByteSize> localSpace(VolumeOptions options) {
    return Optional.of(options.find(S3Options.CACHE_SIZE).orElse(DEFAULT_SPACE));
  }

  private static ByteSize cacheSize(VolumeOptions options) {
    return options.find(S3Options.CACHE_SIZE).orElse(DEFAULT_CACHE);
  }

  @Override
  public boolean writesBack() {
    return true;
  }

  /** A container can make any number of them, so none is kept. */
  @Override
  public int notUploaded(Path directory, Instant latest) {
    Path facts = directory.resolve("cache").resolve("vfsMeta");
    if (Files.notExists(facts)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(facts)) {
      return (int)
          files
              .filter(Files::isRegularFile)
              .filter(file -> !isWrittenAfter(file, latest))
              .filter(RcloneClient::isDirty)
              .count();
    } catch (IOException | UncheckedIOException e) {
      // A file went while the directory was read: there is at least something going on.
      return 1;
    }
  }

  private static boolean isWrittenAfter(Path file, Instant time) {
    try {
      return Files.getLastModifiedTime(file).toInstant().isAfter(time);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isDirty(Path facts) {
    try {
      String text = Files.readString(facts);
      return !text.contains(DIRTY_KEY) || DIRTY.matcher(text).find();
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
