package dev.berth;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.CanBeAnnotated;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.berth.testing.Rule;
import dev.berth.testing.Traces;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each rule of {@code docs/design.md} names its tests, and these name the rule. */
class RulesTest {
  private static final int RULES = 17;
  private static final Pattern ROW =
      Pattern.compile("(?m)^(\\d+)\\. (?:(?!^\\d+\\. |^#).*\\n)*? +\\*Tests:\\* (.*(?:\\n +`.*)*)");
  private static final Pattern NAME = Pattern.compile("`(\\w+)`");

  @Test
  void theTestsOfEachRuleAreThoseThatTheDesignNames() {
    assertThat(named()).isEqualTo(annotated());
  }

  @Test
  void noRuleIsWithoutATest() {
    assertThat(named().keySet())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, RULES).boxed().toList());
  }

  private static Map<Integer, Set<String>> named() {
    Map<Integer, Set<String>> named = new TreeMap<>();
    Matcher row = ROW.matcher(Traces.read(Path.of("docs/design.md")));
    while (row.find()) {
      named.put(
          Integer.valueOf(row.group(1)),
          NAME.matcher(row.group(2))
              .results()
              .map(name -> name.group(1))
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    return named;
  }

  private static Map<Integer, Set<String>> annotated() {
    Map<Integer, Set<String>> annotated = new TreeMap<>();
    for (JavaClass type :
        new ClassFileImporter()
            .withImportOption(new ImportOption.OnlyIncludeTests())
            .importPackages("dev.berth")) {
      Stream.concat(Stream.of(type), type.getMethods().stream())
          .filter((Predicate<CanBeAnnotated>) element -> element.isAnnotatedWith(Rule.class))
          .flatMapToInt(element -> Arrays.stream(element.getAnnotationOfType(Rule.class).value()))
          .forEach(
              rule ->
                  annotated
                      .computeIfAbsent(rule, none -> new TreeSet<>())
                      .add(type.getSimpleName()));
    }
    return annotated;
  }
}
