package dev.berth.model;

import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the engine sends. */
sealed interface PluginRequest extends Request {
  /** A Mount is that young as long as Remove may refuse because of it. */
  Duration FRESH = Duration.ofSeconds(2);

  String method();

  Map<String, ?> body(Model model);

  @Override
  default Message message(Model model) {
    return new Message("POST", "VolumeDriver." + method(), PluginClient.json(body(model)));
  }

  /** Creates an empty volume, or a copy. */
  record Create(String name, Map<String, String> options, Source source) implements PluginRequest {
    /** What the volume is made of. */
    sealed interface Source {
      record Nothing() implements Source {}

      record Volume(String name) implements Source {}

      record Snapshot(int choice) implements Source {}
    }

    @Override
    public Set<String> subjects() {
      return switch (source) {
        case Source.Nothing nothing -> Set.of(name);
        case Source.Volume volume -> Set.copyOf(List.of(name, volume.name));
        case Source.Snapshot snapshot -> Set.of(name, SNAPSHOTS);
      };
    }

    @Override
    public String method() {
      return "Create";
    }

    @Override
    public Map<String, ?> body(Model model) {
      return Map.of("Name", name, "Opts", given(model));
    }

    private Map<String, String> given(Model model) {
      Map<String, String> given = new HashMap<>(options);
      switch (source) {
        case Source.Nothing nothing -> {}
        case Source.Volume volume -> given.put("sourceVolume", volume.name);
        case Source.Snapshot snapshot -> given.put("snapshotId", model.snapshotId(snapshot.choice));
      }
      return given;
    }

    @Override
    public Verdict verdict(Model model, Span span) {
      Optional<ModelVolume> present = model.find(name);
      if (present.isPresent()) {
        return Verdict.successIf(
            present.get().options.entrySet().containsAll(given(model).entrySet()));
      }
      Optional<Model.ModelSnapshot> original = original(model);
      if (original.isEmpty()) {
        return Verdict.successIf(source instanceof Source.Nothing);
      }
      return Verdict.successIf(mebibytes(model) >= original.get().mebibytes());
    }

    /** What is copied; empty if there is nothing to copy. */
    private Optional<Model.ModelSnapshot> original(Model model) {
      return switch (source) {
        case Source.Nothing nothing -> Optional.empty();
        case Source.Volume volume ->
            model
                .find(volume.name)
                .filter(from -> from.formatted)
                .map(from -> Model.ModelSnapshot.of(volume.name, from));
        case Source.Snapshot snapshot ->
            Optional.ofNullable(model.snapshots.get(model.snapshotId(snapshot.choice)));
      };
    }

    private int mebibytes(Model model) {
      return Optional.ofNullable(options.get("size"))
          .map(size -> Integer.parseInt(size.replace("MiB", "")))
          .or(() -> original(model).map(Model.ModelSnapshot::mebibytes))
          .orElse(Model.DEFAULT_MEBIBYTES);
    }

    @Override
    public void succeeded(Model model, Reply reply, Span span) {
      if (model.find(name).isPresent()) {
        return;
      }
      ModelVolume made = new ModelVolume(given(model), mebibytes(model));
      made.options.put("size", mebibytes(model) + "MiB");
      original(model)
          .ifPresent(
              from -> {
                made.formatted = true;
                made.files.putAll(from.files());
              });
      model.volumes.put(name, made);
    }

    @Override
    public void lost(Model model, Observation seen, Span span) {
      if (seen.names().contains(name)) {
        succeeded(model, Observation.NO_REPLY, span);
      }
    }
  }

  /** Mounts for an id. */
  record Mount(String name, String id) implements PluginRequest {
    @Override
    public Set<String> subjects() {
      return Set.of(name);
    }

    @Override
    public String method() {
      return "Mount";
    }

    @Override
    public Map<String, ?> body(Model model) {
      return Map.of("Name", name, "ID", id);
    }

    @Override
    public Verdict verdict(Model model, Span span) {
      return Verdict.successIf(model.find(name).isPresent());
    }

    @Override
    public void succeeded(Model model, Reply reply, Span span) {
      model.volumes.get(name).mountedFor(id, span);
    }

    @Override
    public void lost(Model model, Observation seen, Span span) {
      model
          .find(name)
          .ifPresent(
              volume -> {
                if (seen.holders(name).contains(id)) {
                  volume.mountedFor(id, span);
                }
                volume.touched = span;
                volume.formatted |= seen.formatted(name);
              });
    }
  }

  /** Unmounts for an id. */
  record Unmount(String name, String id) implements PluginRequest {
    @Override
    public Set<String> subjects() {
      return Set.of(name);
    }

    @Override
    public String method() {
      return "Unmount";
    }

    @Override
    public Map<String, ?> body(Model model) {
      return Map.of("Name", name, "ID", id);
    }

    @Override
    public Verdict verdict(Model model, Span span) {
      return Verdict.SUCCESS;
    }

    @Override
    public void succeeded(Model model, Reply reply, Span span) {
      model.find(name).ifPresent(volume -> volume.unmountedFor(id, span));
    }

    @Override
    public void lost(Model model, Observation seen, Span span) {
      if (!seen.holders(name).contains(id)) {
        succeeded(model, Observation.NO_REPLY, span);
      }
      model.find(name).ifPresent(volume -> volume.touched = span);
    }
  }

  /** Removes a volume. */
  record Remove(String name) implements PluginRequest {
    @Override
    public Set<String> subjects() {
      return Set.of(name);
    }

    @Override
    public String method() {
      return "Remove";
    }

    @Override
    public Map<String, ?> body(Model model) {
      return Map.of("Name", name);
    }

    @Override
    public Verdict verdict(Model model, Span span) {
      Optional<ModelVolume> volume = model.find(name);
      if (volume.isEmpty()) {
        return Verdict.SUCCESS;
      }
      if (volume.get().holder.isPresent()) {
        return Verdict.FAILURE;
      }
      if (volume.get().ids.isEmpty() || volume.get().touched.surelyBefore(FRESH, span)) {
        return Verdict.SUCCESS;
      }
      return volume.get().touched.surelyWithin(FRESH, span) ? Verdict.FAILURE : Verdict.EITHER;
    }

    @Override
    public void succeeded(Model model, Reply reply, Span span) {
      model.remove(name);
    }

    @Override
    public void lost(Model model, Observation seen, Span span) {
      if (!seen.names().contains(name)) {
        model.remove(name);
      }
    }
  }

  /** Get, Path or List. */
  record Ask(String method, String name) implements PluginRequest {
    @Override
    public Set<String> subjects() {
      return Set.of(name);
    }

    @Override
    public Map<String, ?> body(Model model) {
      return Map.of("Name", name);
    }

    @Override
    public Verdict verdict(Model model, Span span) {
      return Verdict.successIf(method.equals("List") || model.find(name).isPresent());
    }
  }

  /** What no engine should send, or what a user got wrong. */
  record Wrong(String method, String text) implements PluginRequest {
    @Override
    public Set<String> subjects() {
      return Set.of();
    }

    @Override
    public Map<String, ?> body(Model model) {
      return Map.of();
    }

    @Override
    public Message message(Model model) {
      return new Message("POST", "VolumeDriver." + method, text);
    }

    @Override
    public Verdict verdict(Model model, Span span) {
      return Verdict.FAILURE;
    }
  }
}
