package dev.berth.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.host.ProcessId;
import dev.berth.testing.FakeMountS3;
import dev.berth.testing.RequiresRoot;
import dev.berth.volume.Volume;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** With a program that behaves as mount-s3 does, since the real one cannot be had everywhere. */
@RequiresRoot
class MountS3BackendTest extends SupervisionContract {
  @RegisterExtension static final S3Bed BED = new S3Bed();

  private final FakeMountS3 program = new FakeMountS3(BED.work().resolve("tools"));

  @Override
  S3Bed bed() {
    return BED;
  }

  @Override
  String client() {
    return "mount-s3";
  }

  @Override
  S3Backend newBackend() {
    return BED.backend(program.path(), BED.config());
  }

  @Override
  void awaitStarted(long pid) {
    await().atMost(LIMIT).until(() -> program.hasStarted(pid));
  }

  @Test
  void whatDockerCannotDoIsInTheLogOfACreate() {
    List<String> logged = new CopyOnWriteArrayList<>();
    Handler handler = new Recorder(logged);
    Logger logger = Logger.getLogger(S3Backend.class.getName());
    logger.addHandler(handler);
    try {
      create("warned", options());
    } finally {
      logger.removeHandler(handler);
    }
    assertThat(logged)
        .singleElement()
        .asString()
        .contains("WARN", "volume warned", "docker cp", "chown");
  }

  private static final class Recorder extends Handler {
    private final List<String> logged;

    Recorder(List<String> logged) {
      this.logged = logged;
    }

    @Override
    public void publish(LogRecord entry) {
      logged.add(new PatternFormatter("%p %s").format(entry));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  /**
   * It has some time, but not for ever: it would take whatever keys it is given by whoever has the
   * port now. When it ends it unmounts the path it was given, and its successor's mount stays.
   */
  @Test
  void aClientThatAsksALostPortIsEndedAndTakesNobodysMountAway() throws IOException {
    Volume volume = create("late", options());
    Path file = mount(volume).resolve("x");
    Files.writeString(file, "kept");
    ProcessId first = ProcessId.of(backend().client(volume).orElseThrow().pid()).orElseThrow();
    InputStream open = Files.newInputStream(file);
    try {
      assertThat(open.read()).isEqualTo('k');
      resumeWithKeysElsewhere(volume);
      assertThat(backend().client(volume).orElseThrow().pid()).isNotEqualTo(first.pid());
      assertThat(first.alive()).isFalse();
    } finally {
      assertThatThrownBy(open::close).isInstanceOf(IOException.class);
    }
    assertThat(file).hasContent("kept");
    assertThat(backend().client(volume).orElseThrow().restarts()).isZero();
  }
}
