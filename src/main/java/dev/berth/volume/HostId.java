package dev.berth.volume;

/** A machine that runs Berth: its EC2 instance id, or its machine id outside EC2. Never blank. */
public record HostId(String value) {
  public HostId {
    if (value.isBlank()) {
      throw new IllegalArgumentException("a host id must not be blank");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
