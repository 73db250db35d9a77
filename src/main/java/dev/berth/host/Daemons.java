package dev.berth.host;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Starts programs that outlive this process, and finds them again. */
@ApplicationScoped
public class Daemons {
  private static final Logger LOG = Logger.getLogger(Daemons.class);
  private static final int WORDS_OF_A_SCRIPT = 2;
  private final CommandRunner commands;

  public Daemons(CommandRunner commands) {
    this.commands = commands;
  }

  /**
   * Starts a program in a session of its own, so that nothing sent to this process or its terminal
   * reaches it; its standard input is empty, its directory is the root, and it may do little more
   * than mount and serve, see {@link ConfinedProcess}. It may fail at once: look at it. {@code
   * ended} runs as soon as it ends, if this process still lives then. A program that is not
   * installed is {@link HostException.ToolMissing}.
   */
  public ProcessId start(DaemonCommand command, Runnable ended) {
    List<String> line = new ArrayList<>();
    line.add(installed(command.tool()).toString());
    line.addAll(command.arguments());
    Map<String, String> environment = new TreeMap<>(ToolEnvironment.base());
    environment.putAll(command.environment());
    // It may be gone when it is looked for.
    long pid = ConfinedProcess.start(line, environment, command.log(), ended);
    LOG.debugf("process %d: %s", pid, command);
    return ProcessId.of(pid).orElseGet(() -> new ProcessId(pid, 0));
  }

  private Path installed(Tool tool) {
    return commands.locate(tool).orElseThrow(() -> new HostException.ToolMissing(tool));
  }

  /**
   * The living processes of {@code tools} that were started here, by this or an earlier process,
   * with a path in {@code directory} among their arguments, in the order of their pids. A process
   * of another user or of a container is none of them, whatever it calls itself.
   */
  public List<ProcessId> find(Set<Tool> tools, Path directory) {
    try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .filter(name -> name.chars().allMatch(Character::isDigit))
          .map(Long::valueOf)
          .filter(pid -> isStartedWith(pid, tools, directory))
          .sorted()
          .map(ProcessId::of)
          .flatMap(Optional::stream)
          .filter(ProcessId::alive)
          .filter(ProcessId::leadsSession)
          .toList();
    } catch (IOException e) {
      throw new HostException.Io("cannot list processes", e);
    }
  }

  private boolean isStartedWith(long pid, Set<Tool> tools, Path directory) {
    OwnProcess process = new OwnProcess(pid);
    return tools.stream().anyMatch(tool -> mayRun(process, tool))
        && isStartedWith(commandLine(pid), tools, directory);
  }

  private boolean mayRun(OwnProcess process, Tool tool) {
    return commands.locate(tool).filter(process::mayRun).isPresent();
  }

  private static boolean isStartedWith(List<String> words, Set<Tool> tools, Path directory) {
    String path = MountPoint.of(directory).bytes() + "/";
    return words.stream().anyMatch(word -> word.contains(path))
        && words.stream()
            .limit(WORDS_OF_A_SCRIPT)
            .map(word -> word.substring(word.lastIndexOf('/') + 1))
            .anyMatch(word -> tools.stream().map(Tool::program).anyMatch(word::equals));
  }

  private static List<String> commandLine(long pid) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline"));
      return Arrays.asList(new String(bytes, StandardCharsets.ISO_8859_1).split("\0", -1));
    } catch (IOException e) {
      return List.of();
    }
  }
}
