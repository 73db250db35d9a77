package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HostExceptionTest {
  private static String said(String errors) {
    CommandResult result = new CommandResult(Command.of(Tool.UMOUNT, "/mnt/a"), 32, "", errors);
    return new HostException.ToolFailed(result).getMessage();
  }

  /** Whoever says more ends the sentence. */
  @Test
  void whatAToolSaidComesWithoutItsFullStop() {
    assertThat(said("umount: /mnt/a: target is busy.\n")).endsWith("target is busy");
    assertThat(said("wait...\n")).endsWith("wait...");
  }
}
