package dev.berth.ops;

import io.quarkus.arc.Arc;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import jakarta.enterprise.inject.Any;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Environment variables that look like settings and are none: nobody reads them, so that a typing
 * error would change nothing without a word. In a file of properties such a name keeps Berth from
 * starting; the environment may hold names of other programs, so there it is said.
 */
final class UnknownVariables {
  private static final String PREFIX = "BERTH_";

  /** The launcher reads these. */
  private static final Set<String> OF_THE_LAUNCHER = Set.of("BERTH_CONFIG", "BERTH_JAVA_OPTIONS");

  private static final int MAX_DISTANCE = 5;
  private static final String ANY = "*";

  private UnknownVariables() {}

  /** A sentence for each such variable of this process, with the setting whose name is nearest. */
  static List<String> ofThisProcess() {
    return among(System.getenv().keySet(), settings());
  }

  /**
   * @param settings names of properties; a {@code *} stands for anything
   */
  static List<String> among(Collection<String> variables, Set<String> settings) {
    Set<String> known = new TreeSet<>(OF_THE_LAUNCHER);
    settings.stream().map(UnknownVariables::variable).forEach(known::add);
    return variables.stream()
        .filter(variable -> variable.startsWith(PREFIX))
        .filter(variable -> known.stream().noneMatch(name -> names(name, variable)))
        .sorted()
        .map(variable -> sentence(variable, known))
        .toList();
  }

  private static boolean names(String known, String variable) {
    return known.endsWith(ANY)
        ? variable.startsWith(known.substring(0, known.length() - ANY.length()))
        : variable.equals(known);
  }

  private static String sentence(String variable, Set<String> known) {
    String nearest =
        nearest(variable, known).map(name -> "; did you mean %s?".formatted(name)).orElse("");
    return "the variable %s is not a setting of Berth and changes nothing%s"
        .formatted(variable, nearest);
  }

  private static Optional<String> nearest(String variable, Set<String> known) {
    return known.stream()
        .filter(name -> !name.endsWith(ANY))
        .filter(name -> distance(variable, name) <= MAX_DISTANCE)
        .min(Comparator.comparingInt(name -> distance(variable, name)));
  }

  private static String variable(String property) {
    return property.replaceAll("[^A-Za-z0-9*]", "_").toUpperCase(Locale.ROOT);
  }

  /** The settings of all {@code @ConfigMapping}s, whichever package they are in. */
  private static Set<String> settings() {
    Set<String> names = new TreeSet<>();
    Arc.container().beanManager().getBeans(Object.class, Any.Literal.INSTANCE).stream()
        .flatMap(bean -> bean.getTypes().stream())
        .flatMap(UnknownVariables::mapping)
        .distinct()
        .forEach(
            type ->
                names.addAll(ConfigMappings.getProperties(ConfigClass.configClass(type)).keySet()));
    return names;
  }

  private static Stream<Class<?>> mapping(Type type) {
    return type instanceof Class<?> found && found.isAnnotationPresent(ConfigMapping.class)
        ? Stream.of(found)
        : Stream.empty();
  }

  /** How many letters have to be put in, taken out or changed (Levenshtein's distance). */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    Arrays.setAll(row, i -> i);
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
