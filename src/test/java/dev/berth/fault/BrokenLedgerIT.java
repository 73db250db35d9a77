package dev.berth.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The ledger's file is damaged while Berth is down, or taken away while it runs. */
@RequiresSystem(engine = false)
class BrokenLedgerIT {
  @RegisterExtension static final TestBed BED = new TestBed(BedOptions.berthOnly());

  private static final Duration END = Duration.ofSeconds(60);

  /** Of the third page: Berth's second table. */
  private static final long CLAIMS_ROOT = 2 * 4096;

  @Test
  void aDamagedOneIsRefusedAndLeftAsItIs() throws IOException {
    BED.client().create("kept", Map.of()).orFail();
    BED.berth().stop();
    BED.berth().start();
    BED.client().create("logged", Map.of()).orFail();
    BED.berth().kill();
    Path saved = Files.createDirectory(BED.work().resolve("saved"));
    for (Path file : files()) {
      Files.copy(file, saved.resolve(file.getFileName()));
    }
    scribble(BED.root().resolve("ledger.db"));
    try {
      Map<Path, ByteBuffer> damaged = contents();
      BED.berth().launch();
      BED.berth().awaitEnd(END);
      assertThat(BED.berth().exitStatus()).isNotZero();
      assertThat(BED.berth().lastWords())
          .contains("the ledger " + BED.root().resolve("ledger.db"))
          .contains("left as it is")
          .contains("Put a good copy in its place");
      assertThat(contents()).isEqualTo(damaged).hasSize(2);
    } finally {
      for (Path file : files()) {
        Files.delete(file);
      }
      for (String name : List.of("ledger.db", "ledger.db-wal")) {
        Files.copy(saved.resolve(name), BED.root().resolve(name));
      }
    }
    BED.berth().start();
    assertThat(BED.client().names()).containsExactly("kept", "logged");
  }

  @Test
  void oneThatIsDeletedUnderARunningBerthIsWrittenAnew() throws IOException {
    BED.client().create("before", Map.of()).orFail();
    for (Path file : files()) {
      Files.delete(file);
    }
    BED.client().create("after", Map.of()).orFail();
    assertThat(BED.client().names()).containsExactly("after", "before");
    BED.berth().kill();
    BED.berth().start();
    assertThat(BED.client().names()).containsExactly("after", "before");
  }

  @Test
  void oneThatIsReplacedUnderARunningBerthIsNotWritten() throws IOException {
    BED.client().create("ours", Map.of()).orFail();
    BED.berth().stop();
    Path ledger = BED.root().resolve("ledger.db");
    Path copy = BED.work().resolve("copy.db");
    Files.copy(ledger, copy);
    BED.berth().start();
    BED.client().create("later", Map.of()).orFail();
    Path own = BED.work().resolve("own.db");
    Files.move(ledger, own);
    Files.move(copy, ledger);
    byte[] theirs = Files.readAllBytes(ledger);
    assertThat(BED.client().create("never", Map.of()).failed().error())
        .contains("was replaced by another file")
        .contains("put the right one back");
    assertThat(Files.readAllBytes(ledger)).isEqualTo(theirs);
    assertThat(BED.client().names()).containsExactly("later", "ours");
    Files.move(own, ledger, StandardCopyOption.REPLACE_EXISTING);
    BED.client().create("now", Map.of()).orFail();
    BED.berth().stop();
    BED.berth().start();
    assertThat(BED.client().names()).containsExactly("later", "now", "ours");
  }

  /** Over a page that is not in the log, which would mend it. */
  private static void scribble(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(
          ByteBuffer.wrap("scribbled over".getBytes(StandardCharsets.UTF_8)), CLAIMS_ROOT);
    }
  }

  private static List<Path> files() {
    return List.of("ledger.db", "ledger.db-wal", "ledger.db-shm").stream()
        .map(BED.root()::resolve)
        .filter(Files::exists)
        .toList();
  }

  /** Of the ledger and its log; the third file is an index of the log and made anew at will. */
  private static Map<Path, ByteBuffer> contents() throws IOException {
    Map<Path, ByteBuffer> contents = new HashMap<>();
    for (Path file : files()) {
      if (!file.toString().endsWith("-shm")) {
        contents.put(file, ByteBuffer.wrap(Files.readAllBytes(file)));
      }
    }
    return contents;
  }
}
