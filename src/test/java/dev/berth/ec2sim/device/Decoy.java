package dev.berth.ec2sim.device;

/** What appears beside a volume's device and is not the volume. */
public enum Decoy {
  /** A path of a multipath device, e.g. {@code nvme3c4n1}: the same serial, and no node. */
  MULTIPATH,
  /** Another disk, whose serial begins with the volume's. */
  LONGER_SERIAL,
  /** Another disk, with whose serial the volume's begins. */
  SHORTER_SERIAL
}
