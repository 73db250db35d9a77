package dev.berth.backend.loop;

import dev.berth.volume.Step;

/** The steps of what is done with the files of loop volumes and their snapshots. */
public enum LoopStep implements Step {
  FILE_MADE,
  FILE_ALLOCATED,
  COPY_WRITTEN,
  COPY_PUBLISHED,
  FILE_GROWN,
  SNAPSHOT_DESCRIBED,
  SNAPSHOT_LISTED,
  SNAPSHOT_UNLISTED,
  SNAPSHOT_DELETED
}
