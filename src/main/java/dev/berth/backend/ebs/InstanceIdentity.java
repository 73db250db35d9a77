package dev.berth.backend.ebs;

/** Which instance this is, and where. */
record InstanceIdentity(String instance, String zone, String region) {}
