package dev.berth.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Disables system tests, with every reason, where they cannot run. */
public final class SystemCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    boolean engine =
        context
            .getTestClass()
            .map(type -> type.getAnnotation(RequiresSystem.class))
            .map(RequiresSystem::engine)
            .orElse(false);
    List<String> missing = missing(engine);
    return missing.isEmpty()
        ? ConditionEvaluationResult.enabled("root, loop devices and all programs are there")
        : ConditionEvaluationResult.disabled("a system test needs " + String.join(", ", missing));
  }

  private static List<String> missing(boolean engine) {
    List<String> missing = new ArrayList<>();
    if (!Run.of("id", "-u").succeed().text().equals("0")) {
      missing.add("root");
    }
    if (Files.notExists(Path.of("/dev/loop-control"))) {
      missing.add("/dev/loop-control");
    }
    if (!Files.isExecutable(BerthProcess.launcher())) {
      missing.add("a built Berth (%s; 'make build')".formatted(BerthProcess.launcher()));
    }
    if (engine && !installed(DockerEngine.dockerd().getFirst())) {
      missing.add("dockerd (or BERTH_TEST_DOCKERD)");
    }
    if (engine && !installed("docker")) {
      missing.add("the docker client");
    }
    if (engine && !Files.isExecutable(Images.BUSYBOX)) {
      missing.add("%s of busybox-static".formatted(Images.BUSYBOX));
    }
    return missing;
  }

  private static boolean installed(String program) {
    return Run.of("sh", "-c", "command -v \"$0\"", program).run().succeeded();
  }
}
