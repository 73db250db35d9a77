package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Every case of the volume plugin protocol has a test here, {@code caseNN_…} with the display name
 * {@code NN: …}. Cases 36 to 40 and 70 to 72 are those of managed plugins, TLS, swarm and compose.
 */
class CasesTest {
  private static final Pattern METHOD = Pattern.compile("case(\\d\\d)_\\w+");

  @Test
  void everyCaseHasATest() {
    assertThat(cases().keySet())
        .containsExactlyElementsOf(
            IntStream.concat(IntStream.rangeClosed(1, 35), IntStream.rangeClosed(41, 69))
                .boxed()
                .toList());
  }

  @Test
  void everyTestOfACaseSaysWhichOneItIs() {
    cases()
        .forEach(
            (number, method) ->
                assertThat(method.getAnnotationOfType(DisplayName.class).value())
                    .as(method.getFullName())
                    .startsWith(number + ": "));
  }

  private static Map<Integer, JavaMethod> cases() {
    Map<Integer, JavaMethod> cases = new TreeMap<>();
    new ClassFileImporter()
        .importPackages(CasesTest.class.getPackageName()).stream()
            .flatMap(type -> type.getMethods().stream())
            .filter(method -> method.isAnnotatedWith(Test.class))
            .forEach(
                method -> {
                  Matcher name = METHOD.matcher(method.getName());
                  if (name.matches()) {
                    cases.put(Integer.valueOf(name.group(1)), method);
                  }
                });
    return cases;
  }
}
