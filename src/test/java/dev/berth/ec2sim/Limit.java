package dev.berth.ec2sim;

/** A quota of the account, and its size unless a test sets another. */
public enum Limit {
  VOLUMES(5000),
  /** Provisioned IOPS of all volumes together. */
  IOPS(1_000_000),
  SNAPSHOTS(100_000),
  PENDING_SNAPSHOTS_PER_VOLUME(5),
  /** Within 24 hours, of one volume. */
  MODIFICATIONS_PER_DAY(4),
  TAGS_PER_RESOURCE(50);

  private final int initial;

  Limit(int initial) {
    this.initial = initial;
  }

  int initial() {
    return initial;
  }
}
