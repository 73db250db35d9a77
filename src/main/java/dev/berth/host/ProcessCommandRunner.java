package dev.berth.host;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The one place where processes are started. A watchdog ends them; a pipe held open by a grandchild
 * is an error, and delays nobody for long.
 */
@ApplicationScoped
public class ProcessCommandRunner implements CommandRunner {
  private static final Logger LOG = Logger.getLogger(ProcessCommandRunner.class);
  private static final int LONGEST_OUTPUT = 64 * 1024;
  private static final Duration GRACE = Duration.ofSeconds(2);

  /** For readers that wait for a processor on a busy host. */
  private static final Duration COLLECTING = Duration.ofSeconds(5);

  private static final List<String> SYSTEM_DIRECTORIES =
      List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin");

  /** What runs now. */
  private static final Set<Long> KNOWN = ConcurrentHashMap.newKeySet();

  private final List<Path> directories;
  private final Threads.Starter threads;

  public ProcessCommandRunner() {
    this(Optional.ofNullable(System.getenv("PATH")).orElse(""));
  }

  /**
   * Looks for programs along {@code path}, then in the system's own directories, which a user's
   * PATH may lack.
   */
  public ProcessCommandRunner(String path) {
    this(path, Threads::start);
  }

  ProcessCommandRunner(String path, Threads.Starter threads) {
    this.threads = threads;
    directories =
        Stream.concat(Stream.of(path.split(File.pathSeparator)), SYSTEM_DIRECTORIES.stream())
            .filter(directory -> directory.startsWith("/"))
            .distinct()
            .map(Path::of)
            .toList();
  }

  @Override
  public Optional<Path> locate(Tool tool) {
    return directories.stream()
        .map(directory -> directory.resolve(tool.program()))
        .filter(Files::isExecutable)
        .findFirst();
  }

  @Override
  public CommandResult run(Command command) {
    Path program =
        locate(command.tool()).orElseThrow(() -> new HostException.ToolMissing(command.tool()));
    long started = System.nanoTime();
    CompletableFuture<Process> running = new CompletableFuture<>();
    try {
      // Before the program is: one that nobody can read from or wait for must not run.
      CompletableFuture<String> output = reading(command, running, Process::getInputStream);
      CompletableFuture<String> errors = reading(command, running, Process::getErrorStream);
      Process process = start(command, program);
      KNOWN.add(process.pid());
      running.complete(process);
      CommandResult result =
          new CommandResult(
              command,
              awaitEnd(command, process),
              collected(command, output),
              collected(command, errors));
      LOG.debugf(
          "%s: exit %d, %d us", command, result.exit(), (System.nanoTime() - started) / 1_000);
      return result;
    } finally {
      if (running.isDone()) {
        end(running.join());
      } else {
        running.cancel(false);
      }
    }
  }

  private static int awaitEnd(Command command, Process process) {
    try {
      if (!process.waitFor(command.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new HostException.ToolTimedOut(command);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException.Io("interrupted while '%s' ran".formatted(command), e);
    }
  }

  /** Whatever happened, the program does not outlive the call for it. */
  private static void end(Process process) {
    KNOWN.remove(process.pid());
    if (process.isAlive()) {
      kill(process);
    }
  }

  private static Process start(Command command, Path program) {
    List<String> line = new ArrayList<>();
    line.add(program.toString());
    line.addAll(command.arguments());
    ProcessBuilder builder =
        new ProcessBuilder(line).redirectInput(Redirect.from(new File("/dev/null")));
    builder.environment().clear();
    builder.environment().putAll(ToolEnvironment.base());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new HostException.Io("cannot start '%s'".formatted(command), e);
    } catch (OutOfMemoryError e) {
      endUnknown(command);
      throw Threads.none(command.toString(), e);
    }
  }

  /**
   * After the program the JVM starts a thread that waits for it; if there is none to be had, the
   * program runs and nobody has it.
   */
  private static void endUnknown(Command command) {
    ProcessHandle.current()
        .children()
        .filter(child -> !KNOWN.contains(child.pid()))
        .filter(child -> isOf(command, child))
        .forEach(ProcessHandle::destroyForcibly);
  }

  private static boolean isOf(Command command, ProcessHandle child) {
    return child.info().arguments().map(List::of).filter(command.arguments()::equals).isPresent();
  }

  /** On a thread of its own: a program that hangs in the kernel keeps its pipes. */
  private CompletableFuture<String> reading(
      Command command,
      CompletableFuture<Process> running,
      Function<Process, InputStream> streamOf) {
    CompletableFuture<String> text = new CompletableFuture<>();
    threads.start(
        "output of " + command.tool().program(),
        () -> {
          try {
            Process process = running.join();
            Thread.currentThread().setName("output of process " + process.pid());
            try (InputStream stream = streamOf.apply(process)) {
              text.complete(read(stream));
            }
          } catch (CancellationException notStarted) {
            text.cancel(false);
          } catch (IOException e) {
            text.completeExceptionally(e);
          }
        });
    return text;
  }

  private static String read(InputStream stream) throws IOException {
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
      kept.write(buffer, 0, Math.min(count, LONGEST_OUTPUT - kept.size()));
    }
    return kept.toString(StandardCharsets.UTF_8);
  }

  /** No output is never taken for an empty one: some tools say by it that they found nothing. */
  private static String collected(Command command, CompletableFuture<String> text) {
    try {
      return text.get(COLLECTING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException.Io("interrupted while '%s' ran".formatted(command), e);
    } catch (ExecutionException | TimeoutException e) {
      throw new HostException.Io(
          "'%s' ended, but what it printed could not be read whole".formatted(command), e);
    }
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    try {
      if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warnf(
            "process %d does not end, even by SIGKILL: it hangs in the kernel", process.pid());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
