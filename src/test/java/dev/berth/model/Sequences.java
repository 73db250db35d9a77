package dev.berth.model;

import dev.berth.model.Action.Signal;
import dev.berth.model.PluginRequest.Create;
import dev.berth.model.PluginRequest.Mount;
import dev.berth.model.PluginRequest.Unmount;
import dev.berth.model.PluginRequest.Wrong;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;

/** Random sequences. Few names, ids and sizes, so that actions meet. */
final class Sequences {
  private static final Arbitrary<String> NAMES = Arbitraries.of("a", "b", "c");
  private static final Arbitrary<String> IDS = Arbitraries.of("i1", "i2", "i3");
  private static final Arbitrary<Integer> CHOICES = Arbitraries.integers().between(0, 5);
  private static final Arbitrary<Integer> MILLIS =
      Arbitraries.integers().between(0, 250).withDistribution(RandomDistribution.biased());

  private static final List<Wrong> WRONG =
      List.of(
          new Wrong("Create", ""),
          new Wrong("Create", "{\"Name\":\"a\",\"Opts\":{\"sise\":\"16MiB\"}}"),
          new Wrong("Create", "{\"Name\":\"e\",\"Opts\":{\"size\":\"much\"}}"),
          new Wrong("Create", "{\"Name\":\"e\",\"Opts\":{\"size\":\"64KiB\"}}"),
          new Wrong("Create", "{\"Name\":\"e\",\"Opts\":{\"backend\":\"none\"}}"),
          new Wrong("Create", "{\"Name\":\"../e\"}"),
          new Wrong("Create", "{\"Name\":\"\"}"),
          new Wrong("Mount", "{\"Name\":\"a\"}"),
          new Wrong("Mount", "{\"Name\":\"a\",\"ID\":\"\"}"),
          new Wrong("Mount", ""),
          new Wrong("Unmount", "{\"Name\":\"b\"}"),
          new Wrong("Unmount", "not json"),
          new Wrong("Remove", ""),
          new Wrong("Remove", "{\"Name\":null}"),
          new Wrong("Get", "{\"Name\":\"no such volume\"}"));

  private Sequences() {}

  /** Sequences of at most {@code longest} actions. */
  static Arbitrary<List<Action>> ofAtMost(int longest) {
    return actions().list().ofMinSize(longest / 2).ofMaxSize(longest);
  }

  private static Arbitrary<Action> actions() {
    Arbitrary<List<Request>> several =
        requests().list().ofMinSize(2).ofMaxSize(4).map(Sequences::independent);
    Arbitrary<List<Request>> slow =
        slowRequests().list().ofMinSize(1).ofMaxSize(3).map(Sequences::independent);
    return Arbitraries.frequencyOf(
        Tuple.of(74, requests().map(request -> request)),
        Tuple.of(14, writes()),
        Tuple.of(5, NAMES.map(Action.Hold::new)),
        Tuple.of(3, NAMES.map(Action.LetGo::new)),
        Tuple.of(2, Arbitraries.just(new Action.Activate())),
        Tuple.of(5, several.map(Action.AtOnce::new)),
        Tuple.of(1, Combinators.combine(mounts(), MILLIS).as(Action.GoneCaller::new)),
        Tuple.of(
            3,
            Combinators.combine(slow, MILLIS, Arbitraries.of(Signal.class)).as(Action.Stop::new)));
  }

  /** Those in whose midst a crash can come. */
  private static Arbitrary<Request> slowRequests() {
    return Arbitraries.frequencyOf(
        Tuple.of(2, creates(Arbitraries.just(new Create.Source.Nothing()))),
        Tuple.of(2, creates(NAMES.map(Create.Source.Volume::new))),
        Tuple.of(6, mounts()),
        Tuple.of(3, Combinators.combine(NAMES, IDS).as(Unmount::new)),
        Tuple.of(3, NAMES.map(PluginRequest.Remove::new)),
        Tuple.of(2, grows()),
        Tuple.of(2, NAMES.map(AdminRequest.TakeSnapshot::new)),
        Tuple.of(1, CHOICES.map(AdminRequest.DeleteSnapshot::new)));
  }

  private static Arbitrary<Request> requests() {
    return Arbitraries.frequencyOf(
        Tuple.of(14, creates(Arbitraries.just(new Create.Source.Nothing()))),
        Tuple.of(4, creates(NAMES.map(Create.Source.Volume::new))),
        Tuple.of(4, creates(CHOICES.map(Create.Source.Snapshot::new))),
        Tuple.of(22, mounts()),
        Tuple.of(18, Combinators.combine(NAMES, IDS).as(Unmount::new)),
        Tuple.of(4, NAMES.map(PluginRequest.Remove::new)),
        Tuple.of(
            4,
            Combinators.combine(Arbitraries.of("Get", "Path", "List"), NAMES)
                .as(PluginRequest.Ask::new)),
        Tuple.of(3, Arbitraries.of(WRONG)),
        Tuple.of(4, grows()),
        Tuple.of(4, NAMES.map(AdminRequest.TakeSnapshot::new)),
        Tuple.of(2, CHOICES.map(AdminRequest.DeleteSnapshot::new)));
  }

  private static Arbitrary<AdminRequest.Grow> grows() {
    return Combinators.combine(NAMES, Arbitraries.of(16, 24, 32, 40)).as(AdminRequest.Grow::new);
  }

  private static Arbitrary<Mount> mounts() {
    return Combinators.combine(NAMES, IDS).as(Mount::new);
  }

  private static Arbitrary<Create> creates(Arbitrary<? extends Create.Source> sources) {
    return Combinators.combine(NAMES, options(), sources).as(Create::new);
  }

  private static Arbitrary<Map<String, String>> options() {
    return Combinators.combine(
            Arbitraries.of("", "", "16MiB", "24MiB", "32MiB"),
            Arbitraries.of("", "", "", "", "", "retain", "snapshot"),
            Arbitraries.of("", "", "", "one", "two"))
        .as(Sequences::options);
  }

  private static Map<String, String> options(String size, String onRemove, String label) {
    Map<String, String> given =
        new HashMap<>(Map.of("size", size, "onRemove", onRemove, "label.k", label));
    given.values().removeIf(String::isEmpty);
    return given;
  }

  private static Arbitrary<Action.Write> writes() {
    return Combinators.combine(
            NAMES, Arbitraries.of("f1", "f2", "f3"), Arbitraries.integers().between(0, 100))
        .as(Action.Write::new);
  }

  /** Leaves out what has to do with the same things as a request before it. */
  private static List<Request> independent(List<Request> requests) {
    Set<String> taken = new HashSet<>();
    List<Request> kept = new ArrayList<>();
    for (Request request : requests) {
      if (request.subjects().stream().noneMatch(taken::contains)) {
        kept.add(request);
        taken.addAll(request.subjects());
      }
    }
    return kept;
  }
}
