package dev.berth.lifecycle;

import dev.berth.volume.Step;

/** The steps of what the life cycle does, in the order in which each operation comes to them. */
public enum LifecycleStep implements Step {
  CREATE_INTENT_WRITTEN,
  CREATE_PROVISIONED,
  CREATE_CONFIRMED,
  MOUNT_OWNED,
  MOUNT_CLAIMED,
  MOUNT_DONE,
  UNMOUNT_ID_DROPPED,
  UNMOUNT_FLUSHED,
  RELEASE_UNMOUNTED,
  RELEASE_CLAIM_DROPPED,
  RELEASE_OWNER_DROPPED,
  REMOVE_INTENT_WRITTEN,
  REMOVE_UNMOUNTED,
  REMOVE_DEPROVISIONED,
  REMOVE_CLAIM_DROPPED,
  REMOVE_CONFIRMED,
  GROW_INTENT_WRITTEN,
  GROW_DONE
}
