package dev.berth.model;

import dev.berth.testing.BedOptions;
import dev.berth.testing.LeftoverCheck;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.Run;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import net.jqwik.api.RandomGenerator;
import net.jqwik.api.sessions.JqwikSession;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * {@code -Dberth.model.steps=20000} runs longer than {@code make test} does. A failure prints the
 * seed of its sequence; {@code -Dberth.model.seed=…} begins with that one. A sequence that failed
 * is made shorter for as long as {@code berth.model.shortening} seconds; what depends on the moment
 * of a crash may not fail again, and is then printed as it was.
 */
@RequiresSystem(engine = false)
class ModelIT {
  @RegisterExtension
  static final TestBed BED =
      new TestBed(
          BedOptions.berthOnly()
              .with("BERTH_DEFAULTS_SIZE", Model.DEFAULT_MEBIBYTES + "MiB")
              .with("BERTH_SWEEP_INTERVAL", "1s")
              .with("BERTH_LOG_LEVEL", "DEBUG"));

  private static final int STEPS = Integer.getInteger("berth.model.steps", 2_000);
  private static final Duration SHORTENING =
      Duration.ofSeconds(Integer.getInteger("berth.model.shortening", 90));
  private static final int LONGEST = 120;
  private static final Path TRACES = Path.of("target/system-test-logs/ModelIT/steps.log");

  @Test
  @DisplayName("Whatever is called, crashes and starts again: Berth does what the model says")
  void anySequenceOfCallsCrashesAndRestarts() {
    long seed = Long.getLong("berth.model.seed", ThreadLocalRandom.current().nextInt(1_000_000));
    JqwikSession.run(() -> run(seed));
  }

  private static void run(long firstSeed) {
    RandomGenerator<List<Action>> sequences = Sequences.ofAtMost(LONGEST).generator(STEPS, false);
    long seed = firstSeed;
    for (int steps = 0; steps < STEPS; seed++) {
      List<Action> sequence = sequences.next(new Random(seed)).value();
      Instant start = Instant.now();
      Optional<Failure> failure = failure(sequence);
      if (failure.isPresent()) {
        throw report(seed, failure.get(), shorten(sequence, failure.get()));
      }
      steps += sequence.size();
      System.out.printf(
          "model: seed %d, %d steps in %d s, %d of %d%n",
          seed, sequence.size(), Duration.between(start, Instant.now()).toSeconds(), steps, STEPS);
    }
  }

  /** What went wrong, and all that was done until then. */
  private record Failure(Throwable cause, List<String> trace) {}

  private static Optional<Failure> failure(List<Action> sequence) {
    try (Machine machine = new Machine(BED)) {
      try {
        sequence.forEach(machine::perform);
        machine.finish();
        return Optional.empty();
      } catch (RuntimeException | AssertionError e) {
        return Optional.of(new Failure(e, machine.trace()));
      } finally {
        write(machine.trace());
      }
    }
  }

  private static void write(List<String> trace) {
    try {
      Files.createDirectories(TRACES.getParent());
      Files.write(TRACES, trace, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Leaves out ever smaller parts of the sequence, as long as what is left still fails and there is
   * time.
   */
  private static Failure shorten(List<Action> sequence, Failure first) {
    Instant deadline = Instant.now().plus(SHORTENING);
    Failure shortest = first;
    List<Action> current =
        List.copyOf(sequence.subList(0, Math.min(first.trace.size(), sequence.size())));
    for (int part = current.size() / 2; part > 0; part /= 2) {
      for (int from = 0; from + part <= current.size() && Instant.now().isBefore(deadline); ) {
        List<Action> rest = new ArrayList<>(current);
        rest.subList(from, from + part).clear();
        reset();
        Optional<Failure> failure = failure(rest);
        if (failure.isPresent()) {
          shortest = failure.get();
          current = rest;
        } else {
          from += part;
        }
      }
    }
    reset();
    return shortest;
  }

  /** Begins anew, whatever the host and Berth look like. */
  private static void reset() {
    if (BED.berth().isRunning()) {
      BED.berth().killWithChildren();
    }
    new LeftoverCheck(BED.root()).cleanUp();
    Run.of("rm", "-rf", "--one-file-system", "--", BED.root().toString()).succeed();
    BED.berth().start();
  }

  private static AssertionError report(long seed, Failure first, Failure shortest) {
    return new AssertionError(
        "a sequence failed; run it again with -Dberth.model.seed=%d%nit failed with: %s%nafter:%n%s%nand, made shorter, with: %s%nafter:%n%s"
            .formatted(
                seed, first.cause, lines(first.trace), shortest.cause, lines(shortest.trace)),
        first.cause);
  }

  private static String lines(List<String> trace) {
    return trace.stream().map(line -> "  " + line).collect(Collectors.joining("\n"));
  }
}
