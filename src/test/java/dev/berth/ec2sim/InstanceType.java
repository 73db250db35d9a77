package dev.berth.ec2sim;

/**
 * A type of instance, as far as volumes go.
 *
 * @param attachments how many volumes, the root counted, and network interfaces if shared
 * @param xen disks are {@code xvd…} and have no serial number
 */
public record InstanceType(String name, int attachments, boolean shared, boolean xen) {
  /** A usual one. */
  public static final InstanceType M7I_LARGE = new InstanceType("m7i.large", 32, false, false);

  /** One whose limit counts the network interface too. */
  public static final InstanceType T3_MICRO = new InstanceType("t3.micro", 28, true, false);

  /** How many volumes fit, the root counted. */
  int volumes() {
    return shared ? attachments - 1 : attachments;
  }
}
