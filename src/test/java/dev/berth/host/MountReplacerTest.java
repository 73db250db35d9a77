package dev.berth.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.berth.testing.LeftoverCheck;
import dev.berth.testing.LocalFuse;
import dev.berth.testing.RequiresRoot;
import dev.berth.testing.Rule;
import dev.berth.testing.Run;
import dev.berth.testing.Traces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two filesystems of one volume take each other's place under somebody who wants more than that.
 */
@Rule(17)
@RequiresRoot
@SuppressWarnings("NullAway.Init")
class MountReplacerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /**
   * The volume at {@code w/sys}; on {@code guarded/sys} lies a read-only mount, as Docker puts one
   * on /proc/sys. One process goes on exchanging {@code w} and a link to {@code guarded}.
   */
  private static final String ATTACKER =
      """
      d=$1
      mount --bind "$d/guard" "$d/guarded/sys"
      mount -o remount,bind,ro "$d/guarded/sys"
      mount --bind "$0" "$d/w/sys"
      mount --bind "$0" "$d/plain"
      mount --bind "$0/sub" "$d/part"
      case $(uname -m) in aarch64) call=276 ;; *) call=316 ;; esac
      [ -z "$2" ] || perl -e 'while (1) { syscall('$call', -100, $ARGV[0], -100, $ARGV[1], 2) }' "$d/w" "$d/w2" &
      echo > "$d/ready"
      exec sleep 3600
      """;

  @TempDir Path work;

  private Path place;
  private LocalFuse first;
  private LocalFuse second;

  /** A process in a mount namespace of its own, and a directory of which it has all rights. */
  private record Attacker(Process process, Path directory) implements AutoCloseable {
    static Attacker start(Path place, Path directory, boolean attacks) throws IOException {
      for (String name : List.of("guard", "guarded/sys", "w/sys", "plain", "part")) {
        Files.createDirectories(directory.resolve(name));
      }
      Files.createSymbolicLink(directory.resolve("w2"), directory.resolve("guarded"));
      Process process =
          new ProcessBuilder(
                  "unshare",
                  "--mount",
                  "--propagation",
                  "private",
                  "sh",
                  "-ec",
                  ATTACKER,
                  place.toString(),
                  directory.toString(),
                  attacks ? "attacks" : "")
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("log").toFile())
              .start();
      await("the attacker").atMost(LIMIT).until(() -> Files.exists(directory.resolve("ready")));
      return new Attacker(process, directory);
    }

    private List<MountEntry> mounts() {
      return MountTable.parse(Traces.read(Path.of("/proc/%d/mountinfo".formatted(process.pid()))))
          .entries();
    }

    List<MountEntry> ofTheVolume() {
      return mounts().stream()
          .filter(entry -> entry.source().startsWith("berth-test."))
          .filter(entry -> entry.mountpoint().isIn(directory))
          .toList();
    }

    List<MountEntry> others() {
      return mounts().stream().filter(entry -> !entry.source().startsWith("berth-test.")).toList();
    }

    Path at(String path) {
      return Path.of("/proc/%d/root%s/%s".formatted(process.pid(), directory, path));
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      await().atMost(LIMIT).until(() -> !process.isAlive());
    }
  }

  @BeforeEach
  void mount() throws IOException {
    Path data = Files.createDirectories(work.resolve("data"));
    Files.writeString(data.resolve("x"), "kept");
    Files.createDirectory(data.resolve("sub"));
    Files.writeString(data.resolve("sub/y"), "deep");
    place = Files.createDirectories(work.resolve("place"));
    first = filesystem(data, 1);
    second = filesystem(data, 2);
    Run.of("mount", "--bind", first.mountpoint().toString(), place.toString()).succeed();
  }

  private LocalFuse filesystem(Path data, int generation) throws IOException {
    return LocalFuse.mount(
        data,
        Files.createDirectories(work.resolve("stage-" + generation).resolve("m")),
        "berth-test." + generation);
  }

  @AfterEach
  void unmount() {
    Run.of("umount", "--lazy", place.toString()).run();
    first.close();
    second.close();
    new LeftoverCheck(work).failIfAny();
  }

  private FuseFilesystem of(LocalFuse fuse) {
    MountEntry entry = MountTable.own().at(fuse.mountpoint()).orElseThrow();
    return FuseFilesystem.of(entry, entry.source());
  }

  private static MountReplacer replacer(boolean beneath) {
    return new MountReplacer(new MountNamespaces(), beneath);
  }

  private MountReplacer.Result replace(MountReplacer replacer, LocalFuse old, LocalFuse next) {
    return replacer.replace(of(old), place, of(next), next.mountpoint());
  }

  /** What stays mounted where the clients mount is no place of a volume. */
  private void stageOnce(LocalFuse old) {
    Run.of("umount", "--lazy", old.mountpoint().toString()).succeed();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void allPlacesGetTheNewFilesystemWithTheirPartsAndOptions(boolean beneath) throws IOException {
    try (Attacker victim = Attacker.start(place, work.resolve("v"), false)) {
      FuseFilesystem old = of(first);
      List<MountEntry> others = victim.others();
      stageOnce(first);
      first.kill();
      MountReplacer.Result result =
          replacer(beneath).replace(old, place, of(second), second.mountpoint());
      assertThat(result.refused()).isEmpty();
      assertThat(victim.ofTheVolume())
          .hasSize(3)
          .allMatch(entry -> entry.source().equals("berth-test.2"));
      assertThat(victim.others()).isEqualTo(others);
      assertThat(victim.at("w/sys/x")).hasContent("kept");
      assertThat(victim.at("part/y")).hasContent("deep");
      assertThat(place.resolve("x")).hasContent("kept");
    }
  }

  /**
   * One that sees no namespace but that of {@code attacker}, so that both filesystems stay here.
   */
  private MountReplacer replacerIn(Attacker attacker, boolean beneath) throws IOException {
    FakeProc proc = FakeProc.in(work);
    String mounts = "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n";
    proc.process("self", "1", mounts);
    proc.process("1", "1", mounts);
    String pid = Long.toString(attacker.process().pid());
    Files.createSymbolicLink(proc.directory().resolve(pid), Path.of("/proc", pid));
    return new MountReplacer(new MountNamespaces(proc.directory()), beneath);
  }

  /**
   * Again and again one filesystem takes the place of the other: the attacker's table shows the
   * same mounts as before, but for those of the volume, and of these there are never more.
   */
  @ParameterizedTest
  @CsvSource({"true,500", "false,100"})
  void nothingButTheVolumeIsEverTouched(boolean beneath, int rounds) throws IOException {
    FuseFilesystem[] filesystems = {of(first), of(second)};
    Path[] stages = {first.mountpoint(), second.mountpoint()};
    int replaced = 0;
    int refused = 0;
    try (Attacker attacker = Attacker.start(place, work.resolve("a"), true)) {
      MountReplacer replacer = replacerIn(attacker, beneath);
      List<MountEntry> others = attacker.others();
      for (int round = 0; round < rounds; round++) {
        for (int old = 0; old < 2; old++) {
          MountReplacer.Result result =
              replacer.replace(
                  filesystems[old], stages[old], filesystems[1 - old], stages[1 - old]);
          replaced += result.replaced();
          refused += result.refused().size();
          assertThat(attacker.others()).isEqualTo(others);
          assertThat(attacker.ofTheVolume()).hasSizeLessThanOrEqualTo(3);
        }
      }
    }
    System.out.printf(
        "%d replacements under attack: %d mounts replaced, %d refused%n",
        2 * rounds, replaced, refused);
    assertThat(replaced).isGreaterThanOrEqualTo(2 * 2 * rounds);
  }

  /** Nobody but the volume's client gave that filesystem its name. */
  @Test
  void anotherFilesystemWithTheSameNumberIsLeftAlone() throws IOException {
    try (Attacker neighbour = Attacker.start(place, work.resolve("n"), false)) {
      List<MountEntry> before = neighbour.mounts();
      FuseFilesystem stranger =
          new FuseFilesystem(of(first).device(), Optional.of("berth-another.1"));
      assertThat(
              replacer(true)
                  .replace(stranger, work.resolve("nowhere"), of(second), second.mountpoint()))
          .isEqualTo(new MountReplacer.Result(0, List.of()));
      FuseFilesystem nameless = new FuseFilesystem(of(first).device(), Optional.empty());
      assertThat(
              replacer(true)
                  .replace(nameless, work.resolve("nowhere"), of(second), second.mountpoint()))
          .isEqualTo(new MountReplacer.Result(0, List.of()));
      assertThat(neighbour.mounts()).isEqualTo(before);
    }
  }

  @Test
  void aReplacementThatIsNotWhatItIsTakenForIsRefused() throws IOException {
    FuseFilesystem wrong = new FuseFilesystem(of(second).device(), Optional.of("berth-test.3"));
    assertThatThrownBy(() -> replacer(true).replace(of(first), place, wrong, second.mountpoint()))
        .isInstanceOf(HostException.Unexpected.class)
        .hasMessageContaining("berth-test.3");
    assertThat(MountTable.own().at(place)).hasValueSatisfying(of(first)::isMountedAs);
  }

  @Test
  void aDirectoryThatIsGoneIsRefusedAndTheOthersAreServed() throws IOException {
    try (Attacker victim = Attacker.start(place, work.resolve("g"), false)) {
      Run.of("rm", "-r", place.resolve("sub").toString()).succeed();
      MountReplacer.Result result = replace(replacer(true), first, second);
      assertThat(result.refused()).singleElement().asString().contains("part", "deleted");
      assertThat(victim.ofTheVolume())
          .extracting(MountEntry::source)
          .containsExactlyInAnyOrder("berth-test.1", "berth-test.2", "berth-test.2");
    }
  }

  @Test
  void aMountThatCarriesAnotherIsRefused() throws IOException {
    try (Attacker victim = Attacker.start(place, work.resolve("c"), false)) {
      Run.of(
              "nsenter",
              "--mount=/proc/%d/ns/mnt".formatted(victim.process().pid()),
              "mount",
              "-t",
              "tmpfs",
              "nested",
              victim.directory().resolve("plain/sub").toString())
          .succeed();
      MountReplacer.Result result = replace(replacer(true), first, second);
      assertThat(result.refused()).singleElement().asString().contains("plain", "another mount");
    }
  }
}
