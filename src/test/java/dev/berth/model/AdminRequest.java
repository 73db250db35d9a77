package dev.berth.model;

import dev.berth.testing.PluginClient;
import dev.berth.testing.Reply;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the berth command sends. */
sealed interface AdminRequest extends Request {
  /** Makes a volume larger. */
  record Grow(String name, int mebibytes) implements AdminRequest {
    @Override
    public Set<String> subjects() {
      return Set.of(name);
    }

    @Override
    public Message message(Model model) {
      return new Message(
          "POST",
          "v1/volumes/%s/grow".formatted(name),
          PluginClient.json(Map.of("size", mebibytes + "MiB")));
    }

    /** Whether a mounted ext4 can follow its device depends on what this host's root may do. */
    @Override
    public Verdict verdict(Model model, Span span) {
      Optional<ModelVolume> volume = model.find(name);
      if (volume.isEmpty() || mebibytes < volume.get().mebibytes) {
        return Verdict.FAILURE;
      }
      boolean needed = mebibytes > volume.get().mebibytes || volume.get().filesystemBehind;
      return needed && volume.get().mayBeMounted() ? Verdict.EITHER : Verdict.SUCCESS;
    }

    @Override
    public void succeeded(Model model, Reply reply, Span span) {
      model
          .find(name)
          .filter(volume -> mebibytes > volume.mebibytes)
          .ifPresent(
              volume -> {
                volume.mebibytes = mebibytes;
                volume.options.put("size", mebibytes + "MiB");
                volume.filesystemBehind = true;
              });
    }

    /** The device has grown; only its filesystem has not. */
    @Override
    public void refused(Model model, Span span) {
      if (model.find(name).filter(ModelVolume::mayBeMounted).isPresent()) {
        succeeded(model, Observation.NO_REPLY, span);
      }
    }

    @Override
    public void lost(Model model, Observation seen, Span span) {
      if (seen.names().contains(name) && seen.mebibytes(name) == mebibytes) {
        succeeded(model, Observation.NO_REPLY, span);
      }
    }
  }

  /** Takes a snapshot. */
  record TakeSnapshot(String name) implements AdminRequest {
    @Override
    public Set<String> subjects() {
      return Set.of(name, SNAPSHOTS);
    }

    @Override
    public Message message(Model model) {
      return new Message("POST", "v1/volumes/%s/snapshots".formatted(name), "");
    }

    @Override
    public Verdict verdict(Model model, Span span) {
      return Verdict.successIf(model.find(name).filter(volume -> volume.formatted).isPresent());
    }

    @Override
    public void succeeded(Model model, Reply reply, Span span) {
      model.snapshots.put(
          reply.json().path("id").asText(), Model.ModelSnapshot.of(name, model.volumes.get(name)));
    }

    @Override
    public void lost(Model model, Observation seen, Span span) {
      seen.snapshotIds().stream()
          .filter(id -> !model.snapshots.containsKey(id) && seen.snapshotVolume(id).equals(name))
          .forEach(
              id -> model.snapshots.put(id, Model.ModelSnapshot.of(name, model.volumes.get(name))));
    }
  }

  /** Deletes a snapshot. */
  record DeleteSnapshot(int choice) implements AdminRequest {
    @Override
    public Set<String> subjects() {
      return Set.of(SNAPSHOTS);
    }

    @Override
    public Message message(Model model) {
      return new Message("DELETE", "v1/snapshots/" + model.snapshotId(choice), "");
    }

    @Override
    public Verdict verdict(Model model, Span span) {
      return Verdict.successIf(!model.snapshots.isEmpty());
    }

    @Override
    public void succeeded(Model model, Reply reply, Span span) {
      model.snapshots.remove(model.snapshotId(choice));
    }

    @Override
    public void lost(Model model, Observation seen, Span span) {
      if (!seen.snapshotIds().contains(model.snapshotId(choice))) {
        model.snapshots.remove(model.snapshotId(choice));
      }
    }
  }
}
