package dev.berth.backend.block;

import dev.berth.volume.Step;

/** The steps of what a block backend does. */
public enum BlockStep implements Step {
  ATTACHED,
  FORMATTING_RECORDED,
  FILESYSTEM_MADE,
  FORMATTED_RECORDED,
  FILESYSTEM_RECOGNISED,
  FILESYSTEM_CHECKED,
  FILESYSTEM_MOUNTED,
  DATA_DIRECTORY_MADE,
  FILESYSTEM_GROWN,
  FILESYSTEM_UNMOUNTED,
  DETACHED,
  DEVICE_GROWN,
  FROZEN,
  COPIED,
  THAWED
}
