package dev.berth.backend.ebs;

/**
 * How many volumes instances of a type can hold.
 *
 * @param attachments the limit that EC2 gives
 * @param shared whether network interfaces count too
 */
record InstanceType(String name, int attachments, boolean shared) {}
