package dev.berth.lifecycle;

import dev.berth.volume.HostId;

/**
 * The machine this runs on.
 *
 * @param bootId changes with each boot, after which nothing of an earlier claim is mounted any more
 */
public record ThisHost(HostId id, String bootId) {}
