package dev.berth.ec2sim.device;

import java.util.Optional;

/** For tests of the API alone, which need no root. */
public final class NoDevices implements Devices {
  @Override
  public void name(String id, String name) {}

  @Override
  public void create(String id, long bytes) {}

  @Override
  public void copy(String source, String target, long bytes) {}

  @Override
  public void delete(String id) {}

  @Override
  public void grow(String volumeId, long bytes) {}

  @Override
  public void plug(String instanceId, String volumeId, Optional<String> xenName) {}

  @Override
  public Unplugged unplug(String volumeId, boolean force) {
    return Unplugged.GONE;
  }

  @Override
  public void close() {}
}
