package dev.berth.backend.ebs;

import dev.berth.volume.Step;

/** The moments at which the cloud, or what this host has of it, has just changed. */
public enum EbsStep implements Step {
  VOLUME_REQUESTED,
  VOLUME_AVAILABLE,
  IMAGE_COPIED,
  TAKEN_OVER,
  ATTACH_REQUESTED,
  STUCK_ATTACHMENT_UNDONE,
  DEVICE_APPEARED,
  DEVICE_RELEASED,
  DETACH_REQUESTED,
  DEVICE_GONE,
  VOLUME_DELETED,
  MODIFICATION_REQUESTED,
  VOLUME_MODIFIED,
  SNAPSHOT_REQUESTED,
  CLOUD_SNAPSHOT_DELETED
}
