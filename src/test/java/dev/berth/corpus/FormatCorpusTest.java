package dev.berth.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.berth.corpus.BreakableTools.Fault;
import dev.berth.host.Tool;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Rule;
import dev.berth.testing.Run;
import dev.berth.volume.Content;
import dev.berth.volume.VolumeException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Rule 11: a device is formatted only if it is provably new. */
@Rule(11)
@RequiresRoot
class FormatCorpusTest {
  private static final String NAME = "corpus";
  private static final long BYTES = 64L << 20;

  @TempDir Path root;
  @TempDir Path programs;
  private BreakableTools tools;
  private FormatBench bench;

  @BeforeEach
  void open() {
    tools = new BreakableTools(programs);
    bench = new FormatBench(root, tools);
  }

  @AfterEach
  void close() {
    tools.mend();
    bench.close();
  }

  static Stream<ForeignImage> images() {
    return ForeignImages.all();
  }

  @Test
  void aBlankVolumeOfOursIsFormattedOnce() throws IOException {
    bench.create(NAME, ForeignImages.SIZE);
    Files.writeString(bench.mount().resolve("x"), "kept");
    assertThat(bench.formats()).isEqualTo(1);
    assertThat(bench.content()).isInstanceOf(Content.Formatted.class);
    bench.unmount();
    assertThat(bench.mount().resolve("x")).hasContent("kept");
    assertThat(bench.formats()).isEqualTo(1);
  }

  @Test
  void zerosThatWereWrittenAreBlankToo() throws IOException {
    bench.create(NAME, ForeignImages.SIZE);
    RawBytes.write(bench.file(), 0, new byte[(int) BYTES]);
    assertThat(bench.mount()).isEmptyDirectory();
    assertThat(bench.formats()).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("images")
  void aForeignImageIsNeverFormatted(ForeignImage image) throws IOException {
    bench.create(NAME, image.size());
    long size = Files.size(bench.file());
    image.writer().write(bench.file());
    assertThat(Files.size(bench.file())).isEqualTo(size);
    assertThat(refusal())
        .contains(image.found())
        .contains("Look at it with 'blkid -p " + bench.file())
        .contains("remove the volume and create it again");
  }

  @ParameterizedTest(name = "{0} MiB instead of 64")
  @CsvSource({"32", "65", "128"})
  void anotherSizeIsNeverFormatted(int mebibytes) throws IOException {
    bench.create(NAME, ForeignImages.SIZE);
    resize(mebibytes);
    assertThat(refusal()).contains("it has %dMiB instead of 64MiB".formatted(mebibytes));
  }

  @Test
  void aDeviceThatCannotBeReadAtItsEndIsNeverFormatted() throws IOException {
    bench.create(NAME, ForeignImages.SIZE);
    Run.of("losetup", "--find", bench.file().toString()).succeed();
    resize(32);
    assertThat(refusal()).contains("cannot be told").contains("Input/output error");
    resize(64);
    bench.mount();
    assertThat(bench.formats()).isEqualTo(1);
  }

  @Test
  void oneSectorFarInsideThatCannotBeReadIsNeverFormatted() throws IOException {
    try (BadSector bad = BadSector.below(root)) {
      bench.create(NAME, ForeignImages.SIZE);
      long offset = bad.putInto(bench.file());
      assertThat(refusalOfUnreadable())
          .contains("cannot be told")
          .contains("Input/output error")
          .contains("near byte " + (offset >> 20 << 20));
      RawBytes.write(bench.file(), offset, new byte[BadSector.LENGTH]);
      bench.mount();
      assertThat(bench.formats()).isEqualTo(1);
      bench.unmount();
    }
  }

  @Test
  void aLinkToAnotherFileIsNeverFollowed() throws IOException {
    bench.create(NAME, ForeignImages.SIZE);
    Path other = root.resolve("loop/other.img");
    Files.move(bench.file(), other);
    Files.createSymbolicLink(bench.file(), other);
    assertThat(refusal())
        .contains("is not backed by the whole of " + bench.file())
        .contains("put that right");
  }

  @Test
  void aDeviceOverPartOfTheFileIsNeverFormatted() throws IOException {
    bench.create(NAME, ForeignImages.SIZE);
    resize(65);
    Run.of("losetup", "--find", "--offset", "1048576", bench.file().toString()).succeed();
    resize(65);
    assertThat(refusal())
        .contains("is not backed by the whole of " + bench.file())
        .contains("put that right");
  }

  @Test
  void aVolumeWhoseFileIsGoneIsNotMadeAnew() throws IOException {
    bench.create(NAME, ForeignImages.SIZE);
    Path away = root.resolve("loop/away");
    Files.move(bench.file(), away);
    VolumeException error = catchThrowableOfType(VolumeException.class, bench::mount);
    assertThat(error).hasMessageContaining(NAME).hasMessageContaining("is gone; put it back");
    assertThat(bench.file()).doesNotExist();
    assertNothingDone();
    Files.move(away, bench.file());
    bench.mount();
  }

  @ParameterizedTest(name = "blkid: {0}")
  @EnumSource
  void whateverBlkidDoesNothingIsFormattedWithoutItsWord(Fault fault) throws IOException {
    bench.create(NAME, ForeignImages.SIZE);
    ToolImages.ext4WithFiles(bench.file());
    tools.breakTool(Tool.BLKID, fault);
    assertThat(refusal()).containsAnyOf("cannot be told", "there is a signature of ext4");
    assertFired();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "BLKID, FAILS",
    "BLKID, PRINTS_NOTHING",
    "BLKID, DIES",
    "BLKID, HANGS",
    "BLKID, IS_MISSING",
    "WIPEFS, FAILS",
    "WIPEFS, DIES",
    "WIPEFS, HANGS",
    "WIPEFS, IS_MISSING",
    "STAT, FAILS",
    "STAT, DIES",
    "STAT, HANGS",
    "STAT, IS_MISSING"
  })
  void aBlankVolumeIsNotFormattedUntilTheProbeWorks(Tool tool, Fault fault) throws IOException {
    bench.create(NAME, ForeignImages.SIZE);
    tools.breakTool(tool, fault);
    assertThat(refusal()).contains("cannot be told").contains("mend that, then mount it again");
    assertFired();
    tools.mend();
    assertThat(bench.mount()).isEmptyDirectory();
    assertThat(bench.formats()).isEqualTo(1);
  }

  @Test
  void whatOnlyWipefsFindsIsNotFormatted() throws IOException {
    bench.create(NAME, ForeignImages.SIZE);
    tools.breakTool(Tool.WIPEFS, Fault.PRINTS_NONSENSE);
    assertThat(refusal()).contains("there is a signature of <<<>>>");
    assertFired();
  }

  @ParameterizedTest(name = "losetup: {0}")
  @EnumSource
  void aVolumeThatCannotBeAttachedIsNotFormatted(Fault fault) throws IOException {
    bench.create(NAME, ForeignImages.SIZE);
    tools.breakTool(Tool.LOSETUP, fault);
    VolumeException error = catchThrowableOfType(VolumeException.class, bench::mount);
    assertThat(error).hasMessageContaining(NAME);
    assertFired();
    assertNothingDone();
    tools.mend();
    bench.mount();
    assertThat(bench.formats()).isEqualTo(1);
  }

  /** Mounts, and proves that nothing came of it but an error. */
  private String refusal() {
    String before = Digests.of(bench.file());
    String message = refusalOfUnreadable();
    assertThat(Digests.of(bench.file())).as("the bytes").isEqualTo(before);
    return message;
  }

  private String refusalOfUnreadable() {
    VolumeException.Refused error =
        catchThrowableOfType(VolumeException.Refused.class, bench::mount);
    assertThat(error).isNotNull().hasMessageContaining("volume " + NAME);
    assertThat(tools.runs(Tool.LOSETUP)).as("the file was attached").isPositive();
    assertNothingDone();
    return error.getMessage();
  }

  private void assertNothingDone() {
    assertThat(bench.formats()).isZero();
    assertThat(bench.content()).isInstanceOf(Content.Blank.class);
    assertThat(bench.traces()).isEmpty();
  }

  private void assertFired() throws IOException {
    assertThat(tools.fired()).isPositive();
    assertThat(tools.hung().filter(ProcessHandle::isAlive)).isEmpty();
  }

  private void resize(int mebibytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(bench.file().toFile(), "rw")) {
      file.setLength((long) mebibytes << 20);
    }
  }
}
