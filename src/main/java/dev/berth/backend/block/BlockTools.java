package dev.berth.backend.block;

import dev.berth.host.Filesystems;
import dev.berth.host.Mounts;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;

/** What every block backend works with. */
@ApplicationScoped
public class BlockTools {
  private final FormatRule formatRule;
  private final Filesystems filesystems;
  private final Mounts mounts;
  private final Path mountDirectory;

  public BlockTools(
      FormatRule formatRule, Filesystems filesystems, Mounts mounts, BlockConfig config) {
    this.formatRule = formatRule;
    this.filesystems = filesystems;
    this.mounts = mounts;
    mountDirectory = config.root().resolve("mnt");
  }

  FormatRule formatRule() {
    return formatRule;
  }

  Filesystems filesystems() {
    return filesystems;
  }

  Mounts mounts() {
    return mounts;
  }

  Path mountDirectory() {
    return mountDirectory;
  }
}
