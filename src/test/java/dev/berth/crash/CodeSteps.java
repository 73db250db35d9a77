package dev.berth.crash;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.berth.volume.Step;
import java.util.List;
import java.util.stream.Stream;

/** Every step that the code has. */
final class CodeSteps {
  private CodeSteps() {}

  /**
   * The names of the constants of all enums that are {@link Step}s, one after the other, but for
   * those of {@code left}.
   */
  static List<String> allBut(Class<? extends Step> left) {
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.berth").stream()
            .filter(type -> type.isEnum() && type.isAssignableTo(Step.class))
            .filter(type -> !type.isEquivalentTo(left))
            .flatMap(type -> Stream.of(type.reflect().getEnumConstants()))
            .map(constant -> ((Step) constant).name())
            .toList();
  }
}
