package dev.berth.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Sees, from outside, the steps that a Berth process comes to, and holds it at one of them. */
public final class Steps {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final List<String> CLASSES =
      List.of("StepAgent", "StepAgent$CallAtEachStep", "StepAgent$CallFirst");

  private final Path directory;
  private final Path jar;

  /** Keeps its files in {@code directory}, which is made. */
  public Steps(Path directory) {
    this.directory = directory;
    jar = directory.resolve("steps.jar");
    try {
      Files.createDirectories(directory);
      writeJar();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeJar() throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(new Attributes.Name("Premain-Class"), StepAgent.class.getName());
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      for (String name : CLASSES) {
        String entry = "dev/berth/testing/" + name + ".class";
        out.putNextEntry(new JarEntry(entry));
        try (var bytes = Steps.class.getClassLoader().getResourceAsStream(entry)) {
          bytes.transferTo(out);
        }
        out.closeEntry();
      }
    }
  }

  /** What {@code BERTH_JAVA_OPTIONS} must hold for this to work. */
  public String javaOption() {
    return "-javaagent:%s=%s".formatted(jar, directory);
  }

  /** The steps reached since the last {@link #clear}, in order, by the names of their constants. */
  public List<String> reached() {
    return Traces.read(directory.resolve(StepAgent.REACHED)).lines().toList();
  }

  /** From now on, the {@code count}th thread that comes to {@code step} stays there for good. */
  public void holdAt(String step, int count) {
    try {
      Path part = directory.resolve("part");
      Files.writeString(part, step + " " + count);
      Files.move(part, directory.resolve(StepAgent.HOLD));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until a thread is held; fails if none is within 30 seconds. */
  public void awaitHeld() {
    await("held").atMost(LIMIT).until(() -> Files.exists(directory.resolve(StepAgent.HELD)));
  }

  public boolean held() {
    return Files.exists(directory.resolve(StepAgent.HELD));
  }

  /** Forgets what was reached and drops the order to hold; who is held already stays so. */
  public void clear() {
    try {
      for (String file : List.of(StepAgent.HOLD, StepAgent.HELD, StepAgent.REACHED)) {
        Files.deleteIfExists(directory.resolve(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
