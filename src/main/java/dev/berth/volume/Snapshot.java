package dev.berth.volume;

import java.time.Instant;
import java.util.Optional;

/**
 * A copy of a volume at one moment.
 *
 * @param id what {@code snapshotId=} takes: {@code snap-} and hexadecimal digits
 * @param volume the name its source had; the source may be gone
 * @param type empty if Berth did not make the filesystem and has not seen it yet
 * @param size of the device, not of the data
 */
public record Snapshot(
    String id,
    VolumeName volume,
    BackendName backend,
    Optional<FilesystemType> type,
    ByteSize size,
    Instant createdAt) {}
