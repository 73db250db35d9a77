package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.RequiresRoot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresRoot
class LoopDevicesTest {
  private final ProcessCommandRunner system = new ProcessCommandRunner();
  private final LoopDevices loops = new LoopDevices(system);

  @TempDir Path directory;

  @AfterEach
  void leaveNoDevice() {
    loops.find(directory.resolve("first")).ifPresent(loops::detach);
    loops.find(directory.resolve("second")).ifPresent(loops::detach);
  }

  /** losetup gives the lowest free device, so one that was just freed is the next to be taken. */
  @Test
  void aDeviceThatIsTakenAgainAtOnceWasFreed() throws IOException {
    Path device = loops.attach(file("first"));
    Path second = file("second");
    LoopDevices slow =
        new LoopDevices(
            new CommandRunner() {
              @Override
              public Optional<Path> locate(Tool tool) {
                return system.locate(tool);
              }

              @Override
              public CommandResult run(Command command) {
                CommandResult result = system.run(command);
                system
                    .run(Command.of(Tool.LOSETUP, "--", device.toString(), second.toString()))
                    .orFail();
                return result;
              }
            });
    slow.detach(device);
    assertThat(loops.find(directory.resolve("first"))).isEmpty();
    assertThat(loops.find(second)).hasValue(device);
  }

  private Path file(String name) throws IOException {
    Path file = directory.resolve(name);
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(1 << 20);
    }
    return file;
  }
}
