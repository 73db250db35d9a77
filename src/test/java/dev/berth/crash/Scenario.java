package dev.berth.crash;

import dev.berth.volume.Step;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** An operation to be cut off, what leads up to it, and what is to be true afterwards. */
final class Scenario {
  private final String name;
  private final Map<String, String> settings = new HashMap<>();
  private Optional<String> filesystem = Optional.empty();
  private Consumer<Subject> preparation = volume -> {};
  private Duration rest = Duration.ZERO;
  private Optional<Consumer<Subject>> operation = Optional.empty();
  private Optional<String> last = Optional.empty();
  private List<String> only = List.of();
  private Optional<String> again = Optional.empty();
  private boolean sparesChildren;
  private Consumer<Subject> meanwhile = volume -> {};
  private Consumer<Subject> outcome = volume -> {};
  private Consumer<Subject> afterwards = volume -> {};

  Scenario(String name) {
    this.name = name;
  }

  /** An environment variable for Berth while this scenario runs. */
  Scenario with(String variable, String value) {
    settings.put(variable, value);
    return this;
  }

  /** The kernel must have this filesystem, else the scenario is reported as skipped. */
  Scenario needs(String type) {
    filesystem = Optional.of(type);
    return this;
  }

  /** Brings a volume to where the operation begins. */
  Scenario prepared(Consumer<Subject> work) {
    preparation = work;
    return this;
  }

  /** Prepared volumes are left alone for that long. */
  Scenario rested(Duration time) {
    rest = time;
    return this;
  }

  /** What is to be cut off; it fails, in a thread of its own, when Berth is killed. */
  Scenario operation(Consumer<Subject> work) {
    operation = Optional.of(work);
    return this;
  }

  /** The operation goes on after its answer, and ends with this step. */
  Scenario lastsUntil(Step step) {
    last = Optional.of(step.name());
    return this;
  }

  /** Kills at these steps only; at the others another scenario does. */
  Scenario onlyAt(Step... steps) {
    only = Stream.of(steps).map(Step::name).toList();
    return this;
  }

  /** Kills once more when the start after the crash comes to this step. */
  Scenario againAt(Step step) {
    again = Optional.of(step.name());
    return this;
  }

  /** The programs that Berth started outlive it. */
  Scenario sparingChildren() {
    sparesChildren = true;
    return this;
  }

  /** What happens while Berth is down. */
  Scenario meanwhile(Consumer<Subject> work) {
    meanwhile = work;
    return this;
  }

  /** Tells a volume what is to be true of it, by the steps it came to. */
  Scenario leaves(Consumer<Subject> work) {
    outcome = work;
    return this;
  }

  /** What is done once Berth runs again, before anything is looked at. */
  Scenario afterwards(Consumer<Subject> work) {
    afterwards = work;
    return this;
  }

  String name() {
    return name;
  }

  Map<String, String> settings() {
    return settings;
  }

  Optional<String> filesystem() {
    return filesystem;
  }

  Duration rest() {
    return rest;
  }

  Optional<String> last() {
    return last;
  }

  Optional<String> again() {
    return again;
  }

  boolean sparesChildren() {
    return sparesChildren;
  }

  boolean killsAt(String step) {
    return only.isEmpty() || only.contains(step);
  }

  void prepare(Subject volume) {
    preparation.accept(volume);
  }

  /** Whether there is an operation; else Berth is killed while nothing goes on. */
  boolean operates() {
    return operation.isPresent();
  }

  void operate(Subject volume) {
    operation.orElseThrow().accept(volume);
  }

  void whileDown(Subject volume) {
    meanwhile.accept(volume);
  }

  /** Sets what is expected of a volume. */
  void settle(Subject volume) {
    outcome.accept(volume);
  }

  void beforeLooking(Subject volume) {
    afterwards.accept(volume);
  }

  @Override
  public String toString() {
    return name;
  }
}
