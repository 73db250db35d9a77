package dev.berth.volume;

import java.util.UUID;

/**
 * What the ledger knows about the bytes of a volume. Only {@link Blank} may ever be formatted, and
 * {@link Formatting} is written before the first byte is.
 */
public sealed interface Content {
  /** Berth does not format this kind of volume. */
  record Unmanaged() implements Content {}

  /** Made by Berth from nothing, {@code size} long, and never formatted. */
  record Blank(ByteSize size) implements Content {}

  /** The device was proved blank and mkfs was about to run, with this UUID for the filesystem. */
  record Formatting(FilesystemType type, UUID uuid) implements Content {}

  /** Holds a filesystem. {@code size} is what it was last made or grown to. */
  record Formatted(FilesystemType type, ByteSize size) implements Content {}

  /**
   * A copy of another volume or of a snapshot, not mounted yet; it holds the source's filesystem,
   * UUID included.
   */
  record Copied(FilesystemType type, ByteSize size) implements Content {}

  /**
   * Not made by Berth and not mounted by it yet: it holds whatever it holds, of {@code size} at
   * most, and is never formatted.
   */
  record Foreign(ByteSize size) implements Content {}
}
