package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import dev.berth.ec2sim.query.Query;
import dev.berth.ec2sim.query.Xml;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** CreateTags and DeleteTags. */
final class TagCalls {
  private final World world;

  TagCalls(World world) {
    this.world = world;
  }

  Call.Effect create(Query query) {
    Map<String, String> added = new HashMap<>();
    query.tags("Tag").forEach((key, value) -> added.put(key, value.orElse("")));
    if (added.isEmpty()) {
      throw new Ec2Error("MissingParameter", "The request must contain the parameter tag");
    }
    List<String> resources = resources(query);
    Map<String, Map<String, String>> next = new HashMap<>();
    for (String id : resources) {
      Map<String, String> tags = new HashMap<>(tags(id));
      tags.putAll(added);
      next.put(id, Tags.check(tags, world.settings.of(Limit.TAGS_PER_RESOURCE)));
    }
    return apply(next);
  }

  Call.Effect delete(Query query) {
    Map<String, Optional<String>> removed = query.tags("Tag");
    Map<String, Map<String, String>> next = new HashMap<>();
    for (String id : resources(query)) {
      Map<String, String> tags = new HashMap<>(removed.isEmpty() ? Map.of() : tags(id));
      removed.forEach(
          (key, value) ->
              value.ifPresentOrElse(text -> tags.remove(key, text), () -> tags.remove(key)));
      next.put(id, tags);
    }
    return apply(next);
  }

  private static List<String> resources(Query query) {
    List<String> resources = query.list("ResourceId");
    if (resources.isEmpty()) {
      throw new Ec2Error("MissingParameter", "The request must contain the parameter resourceId");
    }
    return resources;
  }

  private static Ids kind(String id) {
    return Ids.of(id)
        .orElseThrow(() -> new Ec2Error("InvalidID", "The ID '%s' is not valid".formatted(id)));
  }

  private Map<String, String> tags(String id) {
    return switch (kind(id)) {
      case VOLUME -> Ids.VOLUME.require(world.volumes, id).tags();
      case SNAPSHOT -> Ids.SNAPSHOT.require(world.snapshots, id).tags();
      case INSTANCE -> Ids.INSTANCE.require(world.instances, id).tags();
    };
  }

  private Call.Effect apply(Map<String, Map<String, String>> next) {
    return () -> {
      next.forEach(this::put);
      return new Xml().element("return", true);
    };
  }

  private void put(String id, Map<String, String> tags) {
    switch (kind(id)) {
      case VOLUME -> world.volumes.put(id, Ids.VOLUME.require(world.volumes, id).tagged(tags));
      case SNAPSHOT ->
          world.snapshots.put(id, Ids.SNAPSHOT.require(world.snapshots, id).tagged(tags));
      case INSTANCE ->
          world.instances.put(id, Ids.INSTANCE.require(world.instances, id).tagged(tags));
    }
  }
}
