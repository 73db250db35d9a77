package dev.berth.backend.s3;

import dev.berth.host.DaemonCommand;
import dev.berth.volume.ByteSize;
import dev.berth.volume.CommonOptions;
import dev.berth.volume.VolumeOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * s3fs: rename, append, chmod and symlinks work; a file is in the store when its writer has closed
 * it. It reads its keys once, when it starts, from a file; a session token it takes only from its
 * environment.
 */
final class S3fsClient implements FuseClient {
  private static final int ALL_PERMISSIONS = 0777;

  /** From here on it mounts no prefix that has no object of its own, unless it is told to. */
  private static final ClientVersion NO_IMPLICIT_DIRECTORIES = new ClientVersion(1, 92);

  @Override
  public ClientKind kind() {
    return ClientKind.S3FS;
  }

  @Override
  public ClientVersion leastVersion() {
    return new ClientVersion(1, 90);
  }

  @Override
  public Map<String, String> unsupported(VolumeOptions options) {
    Map<String, String> reasons = new TreeMap<>();
    boolean writes = !options.find(S3Options.READ_ONLY).orElse(false);
    if (options.find(S3Options.CACHE_SIZE).isPresent()) {
      reasons.put("cacheSize", "it cannot limit its cache");
    }
    if (writes && !options.find(S3Options.ALLOW_DELETE).orElse(true)) {
      reasons.put("allowDelete=false", "it cannot forbid deleting");
    }
    if (writes && !options.find(S3Options.ALLOW_OVERWRITE).orElse(true)) {
      reasons.put("allowOverwrite=false", "it cannot forbid overwriting");
    }
    options
        .find(S3Options.SSE)
        .ifPresent(
            sse -> {
              if (sse == Encryption.KMS_DSSE) {
                reasons.put("sse=aws:kms:dsse", "it does not know it");
              } else if (sse == Encryption.KMS && options.find(S3Options.KMS_KEY_ID).isEmpty()) {
                reasons.put("sse=aws:kms", "it needs kmsKeyId with it");
              }
            });
    return reasons;
  }

  @Override
  public boolean asksForKeys() {
    return false;
  }

  /** For temporary files: with less than it is told to leave free, it sends parts at once. */
  @Override
  public Optional<ByteSize> localSpace(VolumeOptions options) {
    return Optional.of(DEFAULT_SPACE);
  }

  /** They are root's, 0640 and 0750. */
  @Override
  public boolean closesOthersObjects() {
    return true;
  }

  /** It answers every chmod and chown of its root with an I/O error. */
  @Override
  public boolean refusesDockersCopy() {
    return true;
  }

  @Override
  public Map<Path, String> secretFiles(MountPlan plan) {
    return plan.keys() instanceof ClientKeys.Fixed fixed && fixed.sessionToken().isEmpty()
        ? Map.of(
            passwordFile(plan), "%s:%s%n".formatted(fixed.accessKeyId(), fixed.secretAccessKey()))
        : Map.of();
  }

  private static Path passwordFile(MountPlan plan) {
    return plan.secret().resolve("passwd-s3fs");
  }

  @Override
  public DaemonCommand command(MountPlan plan, Path log) {
    boolean fromFile = !secretFiles(plan).isEmpty();
    List<String> options = new ArrayList<>();
    options.add("url=" + url(plan));
    options.add("endpoint=" + plan.target().store().region());
    options.addAll(List.of("fsname=" + plan.filesystemName(), "subtype=s3fs"));
    options.addAll(List.of("sigv4", "allow_other", "dbglevel=err"));
    options.addAll(List.of("connect_timeout=10", "readwrite_timeout=60", "stat_cache_expire=60"));
    options.addAll(List.of("tmpdir=" + inList(plan.temporary()), "ensure_diskfree=32"));
    if (plan.target().store().pathStyle() || noCertificateCovers(plan)) {
      options.add("use_path_request_style");
    }
    if (fromFile) {
      options.add("passwd_file=" + inList(passwordFile(plan)));
    }
    if (plan.readOnly()) {
      options.add("ro");
    }
    // Older ones do not know the option, and are as with it by themselves.
    if (plan.version().isAtLeast(NO_IMPLICIT_DIRECTORIES)) {
      options.add("compat_dir");
    }
    options.addAll(owner(plan));
    options.addAll(storage(plan.options()));
    Location location = plan.target().location();
    String what =
        location.hasPrefix()
            ? location.bucket() + ":/" + location.prefix().replaceAll("/$", "")
            : location.bucket();
    return new DaemonCommand(
        kind().tool(),
        List.of(what, plan.mountpoint().toString(), "-f", "-o", String.join(",", options)),
        environment(plan, fromFile),
        log);
  }

  /** In a list of options a comma ends one, unless there is a backslash before it (libfuse). */
  private static String inList(Path path) {
    return path.toString().replace("\\", "\\\\").replace(",", "\\,");
  }

  private static Map<String, String> environment(MountPlan plan, boolean fromFile) {
    Map<String, String> environment =
        fromFile ? ClientEnvironment.base() : ClientEnvironment.with(plan.keys(), plan.directory());
    ClientEnvironment.certificates().ifPresent(file -> environment.put("CURL_CA_BUNDLE", file));
    return environment;
  }

  /** A wildcard stands for one label. Other clients use the path for such buckets by themselves. */
  private static boolean noCertificateCovers(MountPlan plan) {
    return plan.target().location().bucket().contains(".") && url(plan).startsWith("https:");
  }

  private static String url(MountPlan plan) {
    Store store = plan.target().store();
    return store
        .endpoint()
        .map(Object::toString)
        .orElseGet(() -> "https://" + S3Client.serviceMetadata().endpointFor(store.region()));
  }

  /** Objects carry an owner and a mode of their own; what the options give holds for all. */
  private static List<String> owner(MountPlan plan) {
    List<String> options = new ArrayList<>();
    plan.options().find(CommonOptions.UID).ifPresent(uid -> options.add("uid=" + uid));
    plan.options().find(CommonOptions.GID).ifPresent(gid -> options.add("gid=" + gid));
    String umask = "%04o".formatted(~plan.mode() & ALL_PERMISSIONS);
    options.add("mp_umask=" + umask);
    if (plan.givenMode().isPresent()) {
      options.add("umask=" + umask);
    }
    return options;
  }

  private static List<String> storage(VolumeOptions given) {
    List<String> options = new ArrayList<>();
    given
        .find(S3Options.STORAGE_CLASS)
        .ifPresent(of -> options.add("storage_class=" + of.name().toLowerCase(Locale.ROOT)));
    given
        .find(S3Options.SSE)
        .ifPresent(
            sse ->
                options.add(
                    given
                        .find(S3Options.KMS_KEY_ID)
                        .map(key -> "use_sse=kmsid:" + key)
                        .orElse("use_sse")));
    return options;
  }
}
