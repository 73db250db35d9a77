package dev.berth.backend.s3;

import dev.berth.host.DaemonCommand;
import dev.berth.volume.ByteSize;
import dev.berth.volume.VolumeOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * AWS's mount-s3: fast, for files that are written once, from front to end. It has traps that the
 * way clients are run here avoids: when it ends it unmounts the path it was given, whoever is
 * mounted there by then, so each start has a path of its own; SIGTERM while a file is written loses
 * the file, so it is unmounted first; two mounts must not share a cache.
 */
final class MountS3Client implements FuseClient {
  private static final int LEAST_MEMORY_TARGET_MIB = 512;
  private static final int FILE_PERMISSIONS = 0666;
  private static final int SHARE_OF_LIMIT = 2;
  private static final String ATTEMPTS = "5";

  @Override
  public ClientKind kind() {
    return ClientKind.MOUNT_S3;
  }

  @Override
  public ClientVersion leastVersion() {
    return new ClientVersion(1, 24);
  }

  @Override
  public Map<String, String> unsupported(VolumeOptions options) {
    Map<String, String> reasons = new TreeMap<>();
    options
        .find(S3Options.KMS_KEY_ID)
        .filter(key -> !key.startsWith("arn:"))
        .ifPresent(key -> reasons.put("kmsKeyId", "it takes a key's ARN only"));
    options
        .find(S3Options.CACHE_SIZE)
        .filter(size -> size.compareTo(ByteSize.ofMiB(1)) < 0)
        .ifPresent(size -> reasons.put("cacheSize", "it takes at least 1MiB"));
    return reasons;
  }

  @Override
  public boolean asksForKeys() {
    return true;
  }

  @Override
  public boolean canRetire(VolumeOptions options) {
    return options.find(S3Options.CACHE_SIZE).isEmpty();
  }

  /** It writes to the store from memory. */
  @Override
  public Optional<ByteSize> localSpace(VolumeOptions options) {
    return options.find(S3Options.CACHE_SIZE);
  }

  @Override
  public DaemonCommand command(MountPlan plan, Path log) {
    Location location = plan.target().location();
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of(location.bucket(), plan.mountpoint().toString(), "--foreground"));
    if (location.hasPrefix()) {
      arguments.addAll(List.of("--prefix", location.prefix()));
    }
    Store store = plan.target().store();
    arguments.addAll(List.of("--region", store.region().id()));
    store
        .endpoint()
        .ifPresent(
            uri -> {
              arguments.addAll(List.of("--endpoint-url", uri.toString()));
              // Stores other than AWS refuse its default; "off" would never store an empty file.
              arguments.addAll(List.of("--upload-checksums", "crc64nvme"));
            });
    if (store.pathStyle()) {
      arguments.add("--force-path-style");
    }
    arguments.addAll(owner(plan));
    arguments.addAll(rights(plan));
    arguments.addAll(storage(plan.options()));
    arguments.addAll(resources(plan));
    return new DaemonCommand(kind().tool(), arguments, environment(plan), log);
  }

  /** It refuses the ids 0, which are what root's files get anyway. */
  private static List<String> owner(MountPlan plan) {
    List<String> arguments = new ArrayList<>(List.of("--allow-other"));
    if (plan.uid() != 0) {
      arguments.addAll(List.of("--uid", "" + plan.uid()));
    }
    if (plan.gid() != 0) {
      arguments.addAll(List.of("--gid", "" + plan.gid()));
    }
    arguments.addAll(List.of("--dir-mode", "%04o".formatted(plan.mode())));
    arguments.addAll(List.of("--file-mode", "%04o".formatted(plan.mode() & FILE_PERMISSIONS)));
    return arguments;
  }

  private static List<String> rights(MountPlan plan) {
    if (plan.readOnly()) {
      return List.of("--read-only");
    }
    List<String> arguments = new ArrayList<>();
    if (plan.options().find(S3Options.ALLOW_DELETE).orElse(true)) {
      arguments.add("--allow-delete");
    }
    if (plan.options().find(S3Options.ALLOW_OVERWRITE).orElse(true)) {
      arguments.add("--allow-overwrite");
    }
    return arguments;
  }

  private static List<String> storage(VolumeOptions options) {
    List<String> arguments = new ArrayList<>();
    options
        .find(S3Options.STORAGE_CLASS)
        .ifPresent(of -> arguments.addAll(List.of("--storage-class", of.name())));
    options.find(S3Options.SSE).ifPresent(sse -> arguments.addAll(List.of("--sse", sse.word())));
    options
        .find(S3Options.KMS_KEY_ID)
        .ifPresent(key -> arguments.addAll(List.of("--sse-kms-key-id", key)));
    return arguments;
  }

  private static List<String> resources(MountPlan plan) {
    long limit = (plan.memory().bytes() >> 20) / SHARE_OF_LIMIT;
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("--memory-target", "" + Math.max(LEAST_MEMORY_TARGET_MIB, limit)));
    plan.options()
        .find(S3Options.CACHE_SIZE)
        .ifPresent(
            size ->
                arguments.addAll(
                    List.of(
                        "--cache",
                        plan.cache().toString(),
                        "--max-cache-size",
                        "" + (size.bytes() >> 20))));
    return arguments;
  }

  /** A store that is out of reach is an error after seconds instead of a minute. */
  private static Map<String, String> environment(MountPlan plan) {
    Map<String, String> environment = ClientEnvironment.with(plan.keys(), plan.directory());
    environment.put("AWS_MAX_ATTEMPTS", ATTEMPTS);
    ClientEnvironment.certificates().ifPresent(file -> environment.put("AWS_CA_BUNDLE", file));
    environment.put("TMPDIR", plan.temporary().toString());
    return environment;
  }

  @Override
  public Optional<String> caveat() {
    return Optional.of(
        "docker cp into it fails, since mount-s3 refuses chown, as does everything else that wants"
            + " to change an owner or permissions; write files from inside a container, or give"
            + " client=rclone");
  }

  @Override
  public boolean refusesDockersCopy() {
    return true;
  }
}
