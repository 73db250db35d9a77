package dev.berth.volume;

import java.time.Instant;
import java.util.Optional;

/** Where a volume is in its life: {@code Creating -> Ready -> Deleting}. */
public sealed interface VolumeState {
  /**
   * The intent to make it is written; whether the thing exists is not known yet.
   *
   * @param resumed how often making it was taken up again; 0 means that nothing can be there from
   *     an earlier try
   */
  record Creating(HostId by, Instant since, int resumed) implements VolumeState {
    public Creating again() {
      return new Creating(by, since, resumed + 1);
    }
  }

  /**
   * It exists. {@code owner} is the host that holds an exclusive volume, always empty for a shared
   * one.
   */
  record Ready(BackendRef ref, Content content, Optional<HostId> owner) implements VolumeState {
    public Ready withContent(Content next) {
      return new Ready(ref, next, owner);
    }

    public Ready withOwner(Optional<HostId> next) {
      return new Ready(ref, content, next);
    }
  }

  /**
   * Its removal has begun and is carried on until it is done; {@code was} is what it was before.
   *
   * @param resumed how often it was taken up again; 0 means that nothing was asked for by an
   *     earlier try
   */
  record Deleting(Ready was, Instant since, int resumed) implements VolumeState {
    public Deleting again() {
      return new Deleting(was, since, resumed + 1);
    }
  }

  /** The word for it in lists and Status: {@code creating}, {@code ready}, {@code deleting}. */
  default String word() {
    return switch (this) {
      case Creating c -> "creating";
      case Ready r -> "ready";
      case Deleting d -> "deleting";
    };
  }
}
