package dev.berth;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which package may import which. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.berth");

  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.ofEntries(
          Map.entry("volume", Set.of()),
          Map.entry("host", Set.of()),
          Map.entry("json", Set.of("volume")),
          Map.entry("backend", Set.of("volume")),
          Map.entry("backend.block", Set.of("volume", "backend", "host")),
          Map.entry("backend.loop", Set.of("volume", "backend", "backend.block", "host")),
          Map.entry("backend.ebs", Set.of("volume", "backend", "backend.block", "host")),
          Map.entry("backend.s3", Set.of("volume", "backend", "host")),
          Map.entry("ledger", Set.of("volume")),
          Map.entry("ledger.sqlite", Set.of("volume", "ledger")),
          Map.entry("lifecycle", Set.of("volume", "backend", "ledger", "host")),
          Map.entry("protocol", Set.of("volume", "json", "lifecycle")),
          Map.entry("admin", Set.of("volume", "json", "lifecycle")),
          Map.entry("cli", Set.of("admin")),
          Map.entry(
              "ops",
              Set.of("volume", "host", "backend", "ledger", "lifecycle", "protocol", "admin")));

  @TestFactory
  Stream<DynamicTest> importsOnlyWhatTheTableAllows() {
    return MAY_IMPORT.entrySet().stream()
        .map(
            entry ->
                DynamicTest.dynamicTest(
                    entry.getKey(), () -> check(entry.getKey(), entry.getValue())));
  }

  private static void check(String name, Set<String> allowed) {
    List<String> others =
        MAY_IMPORT.keySet().stream()
            .filter(other -> !other.equals(name) && !allowed.contains(other))
            .map(other -> "dev.berth." + other)
            .toList();
    noClasses()
        .that()
        .resideInAPackage("dev.berth." + name)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others.toArray(String[]::new))
        .check(CLASSES);
  }

  @Test
  void processesAreStartedOnlyByTheHost() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.berth.host")
        .should()
        .dependOnClassesThat()
        .areAssignableTo(ProcessBuilder.class)
        .check(CLASSES);
  }

  @Test
  void theLifeCycleKnowsOnlyMountNamespacesOfTheHost() {
    noClasses()
        .that()
        .resideInAPackage("dev.berth.lifecycle")
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "dev\\.berth\\.host\\.(?!MountNamespaces|Holder|DeviceNumber|HostException).*")
        .check(CLASSES);
  }

  @Test
  void databasesAreKnownOnlyToTheirLedger() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.berth.ledger.sqlite")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql", "org.sqlite..")
        .check(CLASSES);
  }

  @Test
  void theAwsSdkIsKnownOnlyToTheBackendsThatNeedIt() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.berth.backend.s3", "dev.berth.backend.ebs")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("software.amazon.awssdk..")
        .check(CLASSES);
  }

  @Test
  void packagesHaveNoCycles() {
    SlicesRuleDefinition.slices()
        .matching("dev.berth.(**)")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }
}
