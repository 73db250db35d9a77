package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import dev.berth.ec2sim.query.Query;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The rules for tags. */
final class Tags {
  private static final int MAX_KEY = 128;
  private static final int MAX_VALUE = 256;

  private Tags() {}

  /** The tags that a request gives what it makes, which is of {@code type}. */
  static Map<String, String> ofSpecifications(Query query, String type, int limit) {
    Map<String, String> tags = new LinkedHashMap<>();
    for (int i = 1; ; i++) {
      Optional<String> resource = query.text("TagSpecification.%d.ResourceType".formatted(i));
      if (resource.isEmpty()) {
        return check(tags, limit);
      }
      if (!resource.get().equals(type)) {
        throw Ec2Error.invalidValue(
            "'%s' is not a valid taggable resource type for this operation."
                .formatted(resource.get()));
      }
      query
          .tags("TagSpecification.%d.Tag".formatted(i))
          .forEach((key, value) -> tags.put(key, value.orElse("")));
    }
  }

  static Map<String, String> check(Map<String, String> tags, int limit) {
    if (tags.size() > limit) {
      throw new Ec2Error("TagLimitExceeded", "More than %d tags on one resource".formatted(limit));
    }
    tags.forEach(Tags::check);
    return tags;
  }

  private static void check(String key, String value) {
    if (key.startsWith("aws:")) {
      throw Ec2Error.invalidValue(
          "Tag keys starting with 'aws:' are reserved for internal use: " + key);
    }
    if (key.length() > MAX_KEY || value.length() > MAX_VALUE) {
      throw Ec2Error.invalidValue("The tag '%s' exceeds the maximum length".formatted(key));
    }
  }
}
