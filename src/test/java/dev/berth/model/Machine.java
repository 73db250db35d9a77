package dev.berth.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.model.Request.Message;
import dev.berth.model.Request.Verdict;
import dev.berth.testing.Async;
import dev.berth.testing.Connection;
import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import dev.berth.testing.TestBed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Carries out the actions of one sequence, on Berth and on the model, and compares the two. */
final class Machine implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration KEPT = Duration.ofSeconds(12);
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final double LEAST_USABLE = 0.7;
  private static final long MEBIBYTE = 1 << 20;

  private final TestBed bed;
  private final Model model = new Model();
  private final Holders holders;
  private final List<String> trace = new ArrayList<>();

  Machine(TestBed bed) {
    this.bed = bed;
    holders = new Holders(bed, model);
  }

  /** What was done so far, one line each. */
  List<String> trace() {
    return trace;
  }

  void perform(Action action) {
    Instant start = Instant.now();
    trace.add("%d: %s".formatted(trace.size() + 1, action));
    String outcome =
        switch (action) {
          case Request request -> finish(request, Sent.send(bed, request.message(model)));
          case Action.Write write -> write(write);
          case Action.Hold hold -> holders.hold(hold.volume());
          case Action.LetGo letGo -> holders.letGo(letGo.volume());
          case Action.Activate activate -> activate();
          case Action.AtOnce several -> atOnce(several.requests());
          case Action.GoneCaller gone -> goneCaller(gone);
          case Action.Stop stop -> stop(stop);
        };
    awaitAgreement();
    trace.set(
        trace.size() - 1,
        "%s -> %s, %d ms"
            .formatted(
                trace.getLast(), outcome, Duration.between(start, Instant.now()).toMillis()));
  }

  /** Checks the answer, which must come, and follows it. */
  private String finish(Request request, Sent sent) {
    Sent.Exchange exchange = sent.end(LIMIT);
    Reply reply =
        exchange.reply().orElseThrow(() -> new AssertionError(request + " was not answered"));
    Span span = new Span(sent.start(), exchange.end());
    boolean success = reply.status() / 100 == 2 && reply.error().isEmpty();
    Verdict verdict = request.verdict(model, span);
    if (verdict != Verdict.EITHER) {
      assertThat(success)
          .as("%s: success of %s", request, reply)
          .isEqualTo(verdict == Verdict.SUCCESS);
    }
    if (!success) {
      request.refused(model, span);
      return reply.body();
    }
    boolean fresh =
        request instanceof PluginRequest.Mount mount
            && model.find(mount.name()).filter(volume -> !volume.mayBeMounted()).isPresent();
    request.succeeded(model, reply, span);
    if (request instanceof PluginRequest.Mount mount) {
      checkMount(mount, reply, fresh);
    }
    return "done";
  }

  private void checkMount(PluginRequest.Mount mount, Reply reply, boolean fresh) {
    assertThat(reply.mountpoint()).isEqualTo(bed.data(mount.name()).toString());
    ModelVolume volume = model.volumes.get(mount.name());
    checkContents(mount.name(), volume);
    if (fresh) {
      assertThat(Contents.capacity(bed.data(mount.name())))
          .as("capacity of %s", mount.name())
          .isGreaterThan((long) (volume.mebibytes * MEBIBYTE * LEAST_USABLE));
    }
  }

  private void checkContents(String name, ModelVolume volume) {
    assertThat(Contents.read(bed.data(name))).as("files of %s", name).isEqualTo(volume.files);
  }

  private String atOnce(List<Request> requests) {
    List<Sent> sent =
        requests.stream().map(request -> Sent.send(bed, request.message(model))).toList();
    List<String> outcomes = new ArrayList<>();
    for (int i = 0; i < sent.size(); i++) {
      outcomes.add(finish(requests.get(i), sent.get(i)));
    }
    return String.join(", ", outcomes);
  }

  private String write(Action.Write write) {
    Optional<ModelVolume> volume = model.find(write.volume()).filter(ModelVolume::mustBeMounted);
    if (volume.isEmpty()) {
      return "not mounted";
    }
    Path file = bed.data(write.volume()).resolve(write.file());
    if (write.kilobytes() == 0) {
      Contents.delete(file);
      volume.get().files.remove(write.file());
      return "deleted";
    }
    String text = "%08d".formatted(trace.size()).repeat(write.kilobytes() * 128);
    Contents.write(file, text);
    volume.get().files.put(write.file(), text);
    return "written";
  }

  private String activate() {
    bed.client().activate().orFail();
    model.activate();
    return "done";
  }

  /** The Mount may come to its end before its caller goes, or be taken back. */
  private String goneCaller(Action.GoneCaller gone) {
    Message message = gone.mount().message(model);
    Instant start = Instant.now();
    try (Connection connection = Connection.open(bed.berth().socket())) {
      connection.write(PluginClient.request(message.path(), message.body()));
      Async.pause(Duration.ofMillis(gone.millis()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String name = gone.mount().name();
    if (model.find(name).isEmpty()) {
      return "no such volume";
    }
    awaitIdle();
    Observation seen = Observation.of(bed);
    ModelVolume volume = model.volumes.get(name);
    Span span = new Span(start, Instant.now());
    if (seen.holders(name).contains(gone.mount().id())) {
      volume.mountedFor(gone.mount().id(), span);
      return "mounted";
    }
    volume.unmountedFor(gone.mount().id(), span);
    volume.formatted |= seen.formatted(name);
    volume.keptUntil = Instant.now().plus(KEPT);
    return "taken back";
  }

  /** Waits until no operation runs, nor a next one follows. */
  private void awaitIdle() {
    for (int idle = 0; idle < 15; idle++) {
      if (bed.berth().metric("berth_operations") > 0) {
        idle = 0;
      }
      Async.pause(PAUSE);
    }
  }

  private String stop(Action.Stop stop) {
    List<Sent> sent =
        stop.requests().stream().map(request -> Sent.send(bed, request.message(model))).toList();
    Async.pause(Duration.ofMillis(stop.millis()));
    switch (stop.signal()) {
      case TERM -> bed.berth().stop();
      case KILL -> bed.berth().kill();
      case KILL_TOOLS_TOO -> bed.berth().killWithChildren();
    }
    List<Sent.Exchange> exchanges = sent.stream().map(each -> each.end(LIMIT)).toList();
    bed.berth().start();
    retryWithoutBody(sent, exchanges);
    model.volumes.values().forEach(volume -> volume.keptUntil = Instant.EPOCH);
    return follow(stop.requests(), sent, exchanges);
  }

  /** After a dropped connection the engine repeats its call with no body at all. */
  private void retryWithoutBody(List<Sent> sent, List<Sent.Exchange> exchanges) {
    for (int i = 0; i < sent.size(); i++) {
      String path = sent.get(i).message().path();
      if (exchanges.get(i).reply().isEmpty() && path.startsWith("VolumeDriver.")) {
        if (!path.endsWith("List")) {
          bed.client().call(path, "").failed();
        }
      }
    }
  }

  private String follow(List<Request> requests, List<Sent> sent, List<Sent.Exchange> exchanges) {
    List<String> outcomes = new ArrayList<>();
    @Nullable Observation seen = null;
    for (int i = 0; i < requests.size(); i++) {
      if (exchanges.get(i).reply().isPresent()) {
        outcomes.add(finish(requests.get(i), sent.get(i)));
      } else {
        seen = seen == null ? awaitSettled() : seen;
        requests.get(i).lost(model, seen, new Span(sent.get(i).start(), Instant.now()));
        outcomes.add("lost");
      }
    }
    return String.join(", ", outcomes);
  }

  private Observation awaitSettled() {
    Instant deadline = Instant.now().plus(LIMIT);
    Observation seen = Observation.of(bed);
    while (!seen.settled()) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError("not settled after a restart: " + seen.volumes());
      }
      Async.pause(PAUSE);
      seen = Observation.of(bed);
    }
    return seen;
  }

  private void awaitAgreement() {
    Instant deadline = Instant.now().plus(LIMIT);
    List<String> differences = differences();
    while (!differences.isEmpty()) {
      if (Instant.now().isAfter(deadline)) {
        throw new AssertionError(String.join("; ", differences));
      }
      Async.pause(PAUSE);
      differences = differences();
    }
  }

  private List<String> differences() {
    Observation seen = Observation.of(bed);
    model.learn(seen);
    return Comparison.differences(model, seen, bed.root());
  }

  /** Reads everything once more, then removes everything; nothing may be left then. */
  void finish() {
    for (Map.Entry<String, ModelVolume> entry : model.volumes.entrySet()) {
      perform(new PluginRequest.Mount(entry.getKey(), "end"));
      List.copyOf(entry.getValue().ids)
          .forEach(id -> perform(new PluginRequest.Unmount(entry.getKey(), id)));
      perform(new Action.LetGo(entry.getKey()));
    }
    List.copyOf(model.volumes.keySet()).forEach(name -> perform(new PluginRequest.Remove(name)));
    while (!model.snapshots.isEmpty()) {
      perform(new AdminRequest.DeleteSnapshot(0));
    }
    model.retained.forEach(file -> Contents.delete(bed.root().resolve("loop").resolve(file)));
    model.retained.clear();
    awaitAgreement();
  }

  /** Ends what this sequence started beside Berth. */
  @Override
  public void close() {
    holders.close();
  }
}
