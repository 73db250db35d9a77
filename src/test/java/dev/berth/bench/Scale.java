package dev.berth.bench;

/**
 * How much is measured.
 *
 * @param peers whether rclone and a Docker engine take part
 * @param runs how often each contestant's {@code docker run} is timed
 * @param starts how often a start is timed
 * @param getRounds turns of each contestant in which Get is called
 * @param calls by each client in one such turn
 * @param memoryCalls after which memory is looked at
 * @param rows volumes in the ledger that is listed
 * @param pairs create and remove, in turns of a tenth
 * @param lives volumes whose mounts are taken apart step by step, and mounts of one in S3
 * @param transfers of a large file, each way
 * @param fileMebibytes the size of that file
 * @param atOnce EBS volumes that live at once
 */
record Scale(
    boolean peers,
    int runs,
    int starts,
    int getRounds,
    int calls,
    int memoryCalls,
    int rows,
    int pairs,
    int lives,
    int transfers,
    int fileMebibytes,
    int atOnce) {
  static final Scale FULL = new Scale(true, 30, 12, 8, 1500, 10_000, 10_000, 1000, 20, 5, 64, 100);

  /** Just enough to see that it works. */
  static final Scale QUICK = new Scale(false, 0, 1, 1, 20, 100, 100, 10, 2, 1, 8, 4);
}
