package dev.berth.backend.s3;

import dev.berth.host.Tool;
import java.util.Arrays;
import java.util.Optional;

/** The FUSE clients that can serve a volume. */
enum ClientKind {
  S3FS(Tool.S3FS),
  RCLONE(Tool.RCLONE),
  MOUNT_S3(Tool.MOUNT_S3);

  private final Tool tool;

  ClientKind(Tool tool) {
    this.tool = tool;
  }

  /** The client with this word, empty if there is none. */
  static Optional<ClientKind> of(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
  }

  Tool tool() {
    return tool;
  }

  /** What users write: {@code mount-s3}. */
  String word() {
    return tool.program();
  }
}
