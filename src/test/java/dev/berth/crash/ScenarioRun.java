package dev.berth.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.berth.testing.Async;
import dev.berth.testing.LedgerFile;
import dev.berth.testing.Run;
import dev.berth.testing.Steps;
import dev.berth.testing.TestBed;
import dev.berth.testing.Traces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.opentest4j.TestAbortedException;

/**
 * One scenario: a run without a crash tells the steps. Then one volume for each of them is held
 * there, all in one Berth; Berth is killed and started again, and each volume is looked at.
 */
final class ScenarioRun {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(10);

  private final TestBed bed;
  private final Scenario scenario;
  private final Set<String> killedAt;
  private final Victims victims;
  private final List<Case> cases = new ArrayList<>();
  private final List<Future<Boolean>> calls = new ArrayList<>();

  /** The steps at which Berth is killed are added to {@code killedAt}. */
  ScenarioRun(TestBed bed, Scenario scenario, Set<String> killedAt, Victims victims) {
    this.bed = bed;
    this.scenario = scenario;
    this.killedAt = killedAt;
    this.victims = victims;
  }

  /** A volume whose operation is held when it has come to the last of {@code steps}. */
  private record Case(Subject volume, List<String> steps) {
    int occurrence() {
      return steps.isEmpty() ? 0 : Collections.frequency(steps, steps.getLast());
    }

    String title() {
      return switch (occurrence()) {
        case 0 -> "killed when all was quiet";
        case 1 -> "killed at " + steps.getLast();
        default -> "killed at %s, time %d".formatted(steps.getLast(), occurrence());
      };
    }
  }

  /** The tests, one after the other; which cases there are is known once the first has ended. */
  Stream<DynamicNode> tests() {
    return Stream.<Supplier<Stream<DynamicNode>>>of(
            () -> Stream.of(test("not killed", this::record)),
            () -> Stream.of(test("killed", this::kill)),
            () -> cases.stream().map(one -> test(one.title(), () -> victims.check(one.volume()))),
            () -> Stream.of(test("nothing is left", this::assertNothingLeft)))
        .flatMap(Supplier::get);
  }

  /** A failure says which case it is: reports have only numbers for dynamic tests. */
  private DynamicNode test(String title, Runnable work) {
    return dynamicTest(
        title,
        () -> {
          try {
            work.run();
          } catch (RuntimeException | AssertionError e) {
            if (e instanceof TestAbortedException) {
              throw e;
            }
            throw new AssertionError("%s, %s: %s".formatted(scenario, title, e.getMessage()), e);
          }
        });
  }

  private void record() {
    scenario.filesystem().ifPresent(ScenarioRun::assumeKernelHas);
    restartWith(scenario.settings());
    if (!scenario.operates()) {
      plan(List.of());
      return;
    }
    Subject volume = subject("00");
    scenario.prepare(volume);
    Async.pause(scenario.rest());
    bed.steps().clear();
    operateAndIgnore(volume);
    scenario
        .last()
        .ifPresent(
            step -> await(step).atMost(LIMIT).until(() -> bed.steps().reached().contains(step)));
    List<String> reached = bed.steps().reached();
    scenario.whileDown(volume);
    settle(volume, reached);
    victims.check(volume);
    plan(reached);
  }

  private void restartWith(Map<String, String> settings) {
    if (bed.berth().override(settings)) {
      bed.berth().stop();
      bed.berth().start();
    }
  }

  private void settle(Subject volume, List<String> steps) {
    volume.cameTo(steps);
    scenario.settle(volume);
    scenario.beforeLooking(volume);
  }

  private void plan(List<String> reached) {
    for (int i = 1; i <= reached.size(); i++) {
      List<String> steps = reached.subList(0, i);
      if (scenario.killsAt(steps.getLast())) {
        cases.add(new Case(subject("%02d".formatted(i)), steps));
      }
    }
    if (reached.isEmpty()) {
      cases.add(new Case(subject("01"), reached));
    }
  }

  private void kill() {
    assumeTrue(!cases.isEmpty(), "the run without a crash failed");
    prepareAll();
    Async.pause(scenario.rest());
    cases.forEach(this::hold);
    killBerth();
    calls.forEach(call -> Async.get(call, LIMIT));
    cases.forEach(one -> scenario.whileDown(one.volume()));
    bed.steps().clear();
    scenario.again().ifPresent(this::killAgain);
    bed.berth().start();
    cases.forEach(one -> settle(one.volume(), one.steps()));
  }

  /** Two at a time: most of it is waiting for tools. */
  private void prepareAll() {
    Semaphore turns = new Semaphore(2);
    List<Future<Boolean>> prepared =
        cases.stream()
            .map(
                one ->
                    Async.start(
                        () -> {
                          turns.acquire();
                          try {
                            scenario.prepare(one.volume());
                            return true;
                          } finally {
                            turns.release();
                          }
                        }))
            .toList();
    prepared.forEach(work -> Async.get(work, LIMIT.multipliedBy(5)));
  }

  private void hold(Case one) {
    Steps steps = bed.steps();
    steps.clear();
    if (one.steps().isEmpty()) {
      return;
    }
    steps.holdAt(one.steps().getLast(), one.occurrence());
    Future<Boolean> call = Async.start(() -> operateAndIgnore(one.volume()));
    calls.add(call);
    await(one.title())
        .atMost(LIMIT)
        .pollInterval(POLL)
        .until(() -> steps.held() || (call.isDone() && scenario.last().isEmpty()));
    assertThat(steps.held()).as("%s: held before the operation ended", one.title()).isTrue();
    killedAt.add(one.steps().getLast());
  }

  /** What was answered is not looked at: the scenario says what is to be true in the end. */
  private boolean operateAndIgnore(Subject volume) {
    try {
      scenario.operate(volume);
      return true;
    } catch (RuntimeException | AssertionError e) {
      return false;
    }
  }

  private void killAgain(String step) {
    bed.steps().holdAt(step, 1);
    bed.berth().launch();
    await("recovery at " + step).atMost(LIMIT).pollInterval(POLL).until(bed.steps()::held);
    killBerth();
    bed.steps().clear();
    killedAt.add(step);
  }

  private void killBerth() {
    if (scenario.sparesChildren()) {
      bed.berth().kill();
    } else {
      bed.berth().killWithChildren();
    }
  }

  private void assertNothingLeft() {
    try {
      assertThat(new LedgerFile(bed.root()).rows()).isEmpty();
      assertThat(bed.volumeTraces()).isEmpty();
      assertThat(files("mnt")).isEmpty();
      assertThat(files("loop")).isEmpty();
      assertThat(files("s3")).allMatch(file -> file.contains("/s3/endpoint."));
      assertThat(bed.allImages()).isEmpty();
    } finally {
      cleanUp();
    }
  }

  /** After a failure, so that the next scenario begins with nothing. */
  private void cleanUp() {
    bed.tools().clear();
    if (!bed.berth().isRunning()) {
      bed.berth().start();
    }
    bed.client().activate();
    await("volumes removed")
        .atMost(LIMIT)
        .until(
            () ->
                bed.client().names().stream()
                    .allMatch(name -> bed.client().remove(name).error().isEmpty()));
    Run.of("find", bed.root().resolve("loop").toString(), "-type", "f", "-delete").run();
    restartWith(Map.of());
  }

  private List<String> files(String directory) {
    return Run.of("find", bed.root().resolve(directory).toString(), "-mindepth", "1")
        .run()
        .lines()
        .stream()
        .filter(file -> !file.endsWith("/loop/snapshots"))
        .toList();
  }

  private Subject subject(String suffix) {
    String slug = scenario.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return victims.subject(bed, slug + "-" + suffix);
  }

  private static void assumeKernelHas(String type) {
    assumeTrue(
        Traces.read(Path.of("/proc/filesystems")).contains("\t" + type + "\n")
            || Run.of("modprobe", type).run().succeeded(),
        "this kernel has no " + type);
  }
}
