package dev.berth.lifecycle;

import dev.berth.volume.ByteSize;

/** How full the filesystem of a mounted volume was when it was last measured. */
public record Usage(ByteSize total, ByteSize used) {}
