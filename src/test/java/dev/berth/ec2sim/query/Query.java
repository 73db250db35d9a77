package dev.berth.ec2sim.query;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** One request. What was never asked for is an unknown parameter. */
public final class Query {
  private static final int MAX_FILTER_VALUES = 200;

  private final Map<String, String> parameters;
  private final Set<String> read = new HashSet<>(Set.of("Action", "Version"));

  private Query(Map<String, String> parameters) {
    this.parameters = parameters;
  }

  /** Reads a form; a name given twice or an undecodable body is {@code MalformedQueryString}. */
  public static Query parse(String form) {
    Map<String, String> parameters = new TreeMap<>();
    for (String pair : form.isEmpty() ? new String[0] : form.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 1 || parameters.put(name(pair, equals), value(pair, equals)) != null) {
        throw new Ec2Error("MalformedQueryString", "The query string is malformed: " + pair);
      }
    }
    return new Query(parameters);
  }

  private static String name(String pair, int equals) {
    return URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8);
  }

  private static String value(String pair, int equals) {
    return URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
  }

  public String action() {
    String action = parameters.get("Action");
    if (action == null) {
      throw new Ec2Error("MissingAction", "No action was supplied with this request.");
    }
    if (!"2016-11-15".equals(parameters.get("Version"))) {
      throw new Ec2Error("NoSuchVersion", "The requested version is not valid.");
    }
    return action;
  }

  /** Empty if the parameter is not there; an empty value is an error. */
  public Optional<String> text(String name) {
    read.add(name);
    Optional<String> value = Optional.ofNullable(parameters.get(name));
    if (value.filter(String::isEmpty).isPresent()) {
      throw Ec2Error.invalidValue("Value () for parameter %s is invalid.".formatted(lower(name)));
    }
    return value;
  }

  /** May be there and empty, as the value of a tag. */
  public Optional<String> emptiable(String name) {
    read.add(name);
    return Optional.ofNullable(parameters.get(name));
  }

  public String required(String name) {
    return text(name)
        .orElseThrow(
            () ->
                new Ec2Error(
                    "MissingParameter", "The request must contain the parameter " + lower(name)));
  }

  public Optional<Integer> integer(String name) {
    try {
      return text(name).map(Integer::valueOf);
    } catch (NumberFormatException e) {
      throw Ec2Error.invalidValue(
          "Value (%s) for parameter %s is invalid. Expecting an integer"
              .formatted(parameters.get(name), lower(name)));
    }
  }

  /** False if it is not there; anything but {@code true} and {@code false} is an error. */
  public boolean flag(String name) {
    return text(name).map(value -> parseFlag(name, value)).orElse(false);
  }

  private static boolean parseFlag(String name, String value) {
    return switch (value) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw Ec2Error.invalidValue(
              "Value (%s) for parameter %s is invalid. Expecting true or false"
                  .formatted(value, lower(name)));
    };
  }

  /** The values of {@code name.1}, {@code name.2}, ... */
  public List<String> list(String name) {
    List<String> values = new ArrayList<>();
    Optional<String> next = text(name + ".1");
    while (next.isPresent()) {
      values.add(next.get());
      next = text(name + "." + (values.size() + 1));
    }
    return List.copyOf(values);
  }

  public List<Filter> filters() {
    List<Filter> filters = new ArrayList<>();
    for (int i = 1; has("Filter." + i); i++) {
      String prefix = "Filter." + i;
      List<String> values = list(prefix + ".Value");
      if (values.isEmpty()) {
        throw Ec2Error.invalidValue("The filter 'null' is invalid");
      }
      filters.add(new Filter(required(prefix + ".Name"), values));
    }
    int count = filters.stream().mapToInt(filter -> filter.values().size()).reduce(0, Integer::sum);
    if (count > MAX_FILTER_VALUES) {
      throw new Ec2Error(
          "FilterLimitExceeded",
          "The maximum number of filter values specified on a single call is " + MAX_FILTER_VALUES);
    }
    return List.copyOf(filters);
  }

  /** The tags at {@code prefix.1.Key} and {@code prefix.1.Value}, in their order. */
  public Map<String, Optional<String>> tags(String prefix) {
    Map<String, Optional<String>> tags = new LinkedHashMap<>();
    for (int i = 1; has(prefix + "." + i); i++) {
      String key = required("%s.%d.Key".formatted(prefix, i));
      if (tags.put(key, emptiable("%s.%d.Value".formatted(prefix, i))) != null) {
        throw Ec2Error.invalidValue("Duplicate tag key '%s' specified.".formatted(key));
      }
    }
    return tags;
  }

  private boolean has(String prefix) {
    return parameters.keySet().stream().anyMatch(name -> name.startsWith(prefix + "."));
  }

  /** Refuses what nobody asked for. */
  public void end() {
    parameters.keySet().stream()
        .filter(name -> !read.contains(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new Ec2Error(
                  "UnknownParameter", "The parameter %s is not recognized".formatted(name));
            });
  }

  /** All that was sent but the names given; what a client token stands for. */
  public Map<String, String> without(String... names) {
    Map<String, String> rest = new TreeMap<>(parameters);
    List.of(names).forEach(rest::remove);
    return rest;
  }

  private static String lower(String name) {
    return name.isEmpty() ? name : Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }
}
