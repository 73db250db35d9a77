package dev.berth.host;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jboss.logging.Logger;

/** The kernel's ends of FUSE filesystems. */
@ApplicationScoped
public class FuseConnections {
  private static final Logger LOG = Logger.getLogger(FuseConnections.class);
  private static final Path CONTROL = Path.of("/sys/fs/fuse/connections");
  private final Mounts mounts;

  public FuseConnections(Mounts mounts) {
    this.mounts = mounts;
  }

  /**
   * Cuts a filesystem off from its process: whoever waits for it gets an error at once, and so does
   * whoever uses it later. Gone already: success.
   */
  public void abort(DeviceNumber device) {
    try {
      if (MountTable.own().at(CONTROL).isEmpty()) {
        mounts.mount(Path.of("fusectl"), "fusectl", List.of(), CONTROL);
      }
      Path abort = CONTROL.resolve(Integer.toString(device.minor())).resolve("abort");
      if (Files.exists(abort)) {
        Files.writeString(abort, "1");
        LOG.warnf("the FUSE connection %s was aborted", device);
      }
    } catch (IOException e) {
      throw new HostException.Io("cannot abort the FUSE connection " + device, e);
    }
  }
}
