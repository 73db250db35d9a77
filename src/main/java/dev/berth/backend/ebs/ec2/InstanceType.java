package dev.berth.backend.ebs.ec2;

/**
 * How many volumes instances of a type can hold.
 *
 * @param attachments the limit that EC2 gives
 * @param shared whether network interfaces count too
 */
public record InstanceType(String name, int attachments, boolean shared) {}
