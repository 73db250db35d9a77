package dev.berth.ec2sim;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** All that ever happened to volumes and snapshots. */
public final class History {
  /** What can happen. */
  public enum Kind {
    CREATED,
    /** Accepted with an id, and never came to be. */
    GHOST,
    DELETED,
    ATTACHING,
    DEVICE_APPEARED,
    DEVICE_FAILED,
    ATTACHED,
    DETACHING,
    /** Detaching waits for a mount or an open device. */
    BUSY,
    /** Torn away from an instance that still had it mounted or open. */
    TORN,
    DETACHED,
    GROWN,
    MODIFIED,
    SNAPSHOT_STARTED,
    SNAPSHOT_DELETED
  }

  /**
   * One of them.
   *
   * @param subject the volume or snapshot
   * @param detail the instance, source or size it was about; empty if none
   */
  public record Event(Instant time, Kind kind, String subject, String detail) {}

  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final Clock clock;

  History(Clock clock) {
    this.clock = clock;
  }

  void add(Kind kind, String subject, String detail) {
    events.add(new Event(clock.instant(), kind, subject, detail));
  }

  /** In order. */
  public List<Event> events() {
    return List.copyOf(events);
  }

  /** What happened to one volume or snapshot, in order. */
  public Stream<Event> of(String subject) {
    return events.stream().filter(event -> event.subject().equals(subject));
  }

  /** How often something happened, to whatever. */
  public long count(Kind kind) {
    return events.stream().filter(event -> event.kind() == kind).count();
  }

  public boolean everDeleted(String volumeId) {
    return of(volumeId).anyMatch(event -> event.kind() == Kind.DELETED);
  }

  /** True if an attachment began before the one before it, to another instance, had ended. */
  public boolean everAttachedTwice(String volumeId) {
    String holder = "";
    for (Event event : of(volumeId).toList()) {
      if (event.kind() == Kind.ATTACHING && !holder.isEmpty()) {
        return true;
      }
      if (event.kind() == Kind.ATTACHING) {
        holder = event.detail();
      } else if (event.kind() == Kind.DETACHED) {
        holder = "";
      }
    }
    return false;
  }
}
