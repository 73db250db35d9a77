package dev.berth;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
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
          Map.entry(
              "backend.ebs",
              Set.of(
                  "volume",
                  "backend",
                  "backend.block",
                  "backend.ebs.ec2",
                  "backend.ebs.device",
                  "host")),
          Map.entry("backend.ebs.ec2", Set.of("volume")),
          Map.entry("backend.ebs.device", Set.of("backend.ebs.ec2", "host")),
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

  private static final JavaClasses TESTS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.OnlyIncludeTests())
          .importPackages("dev.berth");

  /** What the tests of every package may use beside what the package itself may. */
  private static final Set<String> AIDS = Set.of("testing", "ec2sim", "ec2sim.device");

  /** Packages that only the tests have. */
  private static final Map<String, Set<String>> TESTS_MAY_IMPORT =
      Map.ofEntries(
          Map.entry("testing", Set.of("volume", "backend", "ledger", "ec2sim")),
          Map.entry("ec2sim", Set.of("ec2sim.device", "ec2sim.query", "testing")),
          Map.entry("ec2sim.device", Set.of("testing")),
          Map.entry("ec2sim.query", Set.of()),
          Map.entry("bench", Set.of("volume", "ledger", "ec2sim", "testing")),
          Map.entry(
              "corpus",
              Set.of("volume", "host", "backend", "backend.block", "backend.loop", "testing")),
          Map.entry(
              "crash",
              Set.of(
                  "volume",
                  "backend.block",
                  "backend.loop",
                  "backend.ebs",
                  "backend.s3",
                  "lifecycle",
                  "ec2sim",
                  "testing")),
          // These know Berth by its socket, its files and its processes alone.
          Map.entry("fault", Set.of("testing")),
          Map.entry("load", Set.of("testing")),
          Map.entry("model", Set.of("testing")),
          Map.entry("system", Set.of("ec2sim", "testing")));

  @TestFactory
  Stream<DynamicTest> importsOnlyWhatTheTableAllows() {
    return MAY_IMPORT.entrySet().stream()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.getKey(),
                    () -> check(row.getKey(), row.getValue(), MAY_IMPORT.keySet(), CLASSES)));
  }

  @TestFactory
  Stream<DynamicTest> testsImportOnlyWhatTheTableAllows() {
    Map<String, Set<String>> table = new TreeMap<>(TESTS_MAY_IMPORT);
    MAY_IMPORT.forEach((name, allowed) -> table.put(name, union(allowed, AIDS)));
    return table.entrySet().stream()
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.getKey(),
                    () -> check(row.getKey(), row.getValue(), table.keySet(), TESTS)));
  }

  @Test
  void everyPackageIsInATable() {
    assertThat(packages(CLASSES)).containsExactlyInAnyOrderElementsOf(MAY_IMPORT.keySet());
    assertThat(union(MAY_IMPORT.keySet(), TESTS_MAY_IMPORT.keySet())).containsAll(packages(TESTS));
  }

  private static Set<String> packages(JavaClasses classes) {
    return classes.stream()
        .map(type -> type.getPackageName().replaceFirst("^dev\\.berth\\.?", ""))
        .filter(name -> !name.isEmpty())
        .collect(Collectors.toSet());
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    Set<String> all = new HashSet<>(some);
    all.addAll(others);
    return all;
  }

  private static void check(
      String name, Set<String> allowed, Set<String> packages, JavaClasses classes) {
    List<String> others =
        packages.stream()
            .filter(other -> !other.equals(name) && !allowed.contains(other))
            .map(other -> "dev.berth." + other)
            .toList();
    noClasses()
        .that()
        .resideInAPackage("dev.berth." + name)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others.toArray(String[]::new))
        .allowEmptyShould(true)
        .check(classes);
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
        .resideOutsideOfPackages("dev.berth.backend.s3", "dev.berth.backend.ebs.ec2")
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
