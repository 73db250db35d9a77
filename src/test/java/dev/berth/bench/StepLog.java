package dev.berth.bench;

import dev.berth.testing.Traces;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the steps and programs of calls out of the log of a Berth whose log level is DEBUG. */
final class StepLog {
  private static final Pattern STEP =
      Pattern.compile("\\[Progress] [a-z ]+: ([A-Z_]+) after (\\d+) us");
  private static final Pattern STEP_ALONE = Pattern.compile("\\[Progress] ([A-Z_]+)$");
  private static final Pattern PROGRAM =
      Pattern.compile("\\[ProcessCommandRunner] (\\S+) .*: exit \\d+, (\\d+) us$");

  private final Path file;

  StepLog(Path file) {
    this.file = file;
  }

  /** A program and how long it ran. */
  record Program(String name, long micros) {}

  /** A step, how long it took after the one before it, and the programs that ran meanwhile. */
  record Passed(String step, long micros, List<Program> programs) {}

  /** The steps that one call passes, in order. */
  List<Passed> during(Runnable call) {
    int before = Traces.read(file).length();
    call.run();
    return parse(Traces.read(file).substring(before));
  }

  static List<Passed> parse(String log) {
    List<Passed> passed = new ArrayList<>();
    List<Program> programs = new ArrayList<>();
    long last = 0;
    for (String line : log.lines().toList()) {
      Matcher program = PROGRAM.matcher(line);
      Matcher step = STEP.matcher(line);
      Matcher alone = STEP_ALONE.matcher(line);
      if (program.find()) {
        programs.add(new Program(program.group(1), Long.parseLong(program.group(2))));
      } else if (step.find()) {
        long now = Long.parseLong(step.group(2));
        passed.add(new Passed(step.group(1), now < last ? now : now - last, List.copyOf(programs)));
        last = now;
        programs.clear();
      } else if (alone.find()) {
        long inPrograms = programs.stream().mapToLong(Program::micros).sum();
        passed.add(new Passed(alone.group(1), inPrograms, List.copyOf(programs)));
        programs.clear();
      }
    }
    return passed;
  }
}
