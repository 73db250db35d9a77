package dev.berth.backend.s3;

import dev.berth.volume.Step;

/** The steps on the way of a volume in S3, in the order in which each operation comes to them. */
public enum S3Step implements Step {
  BUCKET_CREATED,
  BUCKET_TAGGED,
  BUCKET_SET_UP,
  WRITE_TRIED,
  MARKER_WRITTEN,
  CLIENT_INTENT_WRITTEN,
  CACHE_MADE,
  CACHE_MOUNTED,
  CLIENT_STARTED,
  CLIENT_READY,
  CLIENT_RECORDED,
  MOUNT_BOUND,
  STAGING_UNMOUNTED,
  OLD_CLIENT_ENDED,
  MOUNTS_REPLACED,
  MOUNT_UNMOUNTED,
  CLIENT_ENDED,
  CACHE_UNMOUNTED,
  LOCAL_STATE_DELETED,
  OBJECTS_DELETED,
  BUCKET_DELETED
}
