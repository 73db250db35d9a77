package dev.berth.crash;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.berth.backend.block.BlockStep;
import dev.berth.volume.Step;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Every step that the code has. */
final class CodeSteps {
  /** Backends with a crash matrix of their own. */
  private static final Set<String> APART = Set.of("dev.berth.backend.ebs", "dev.berth.backend.s3");

  private CodeSteps() {}

  /** Those of all enums that are {@link Step}s, one after the other. */
  static List<String> all() {
    return names(type -> true);
  }

  /**
   * Those that every volume comes to, and the ones of the loop backend, which adopts nothing and so
   * never comes to what it did not make.
   */
  static List<String> ofLoop() {
    return names(type -> !APART.contains(type.getPackageName())).stream()
        .filter(step -> !step.equals(BlockStep.FILESYSTEM_RECOGNISED.name()))
        .toList();
  }

  static List<String> in(String backendPackage) {
    return names(type -> type.getPackageName().equals(backendPackage));
  }

  private static List<String> names(Predicate<JavaClass> wanted) {
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("dev.berth").stream()
            .filter(type -> type.isEnum() && type.isAssignableTo(Step.class))
            .filter(wanted)
            .flatMap(type -> Stream.of(type.reflect().getEnumConstants()))
            .map(constant -> ((Step) constant).name())
            .toList();
  }
}
