package dev.berth.backend.ebs.ec2;

/** Which instance this is, and where. */
public record InstanceIdentity(String instance, String zone, String region) {}
