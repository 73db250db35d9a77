package dev.berth.volume;

import java.time.Instant;

/**
 * A copy of a volume at one moment.
 *
 * @param id what {@code snapshotId=} takes: {@code snap-} and hexadecimal digits
 * @param volume the name its source had; the source may be gone
 * @param size of the device, not of the data
 */
public record Snapshot(
    String id,
    VolumeName volume,
    BackendName backend,
    FilesystemType type,
    ByteSize size,
    Instant createdAt) {}
