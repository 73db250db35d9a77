package dev.berth.backend.s3;

import dev.berth.backend.SizeConverter;
import dev.berth.host.RealPath;
import dev.berth.volume.ByteSize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where volumes in S3 are by default, and how their clients run. */
@ConfigMapping(prefix = "berth")
interface S3Config {
  /** Mountpoints are below it, and each mounted volume's state and cache. */
  @WithConverter(RealPath.class)
  Path root();

  Store s3();

  /** See {@link #s3}. */
  interface Store {
    /** Takes, under a prefix of its own, each volume that is created without a bucket. */
    Optional<String> bucket();

    /** Of another store than AWS; a URL. */
    Optional<String> endpoint();

    /** Which others volumes may name with {@code endpoint=}; URLs. */
    Optional<List<String>> endpoints();

    /** Where to begin to look for a bucket. */
    Optional<String> region();

    /** Whether buckets are in the path of a URL; by default they are if there is an endpoint. */
    Optional<Boolean> pathStyle();

    /** In which order installed clients are considered for a volume that names none. */
    @WithDefault("s3fs,rclone,mount-s3")
    List<ClientKind> clients();

    /** How much memory one client may use, where control groups can be made. */
    @WithDefault("1GiB")
    @WithConverter(SizeConverter.class)
    ByteSize memoryLimit();

    /** How often the store of a mounted volume is asked whether it answers. */
    @WithDefault("30s")
    Duration probeInterval();
  }
}
