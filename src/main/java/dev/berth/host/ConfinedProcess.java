package dev.berth.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Starts a program as root with as little of root's power as it can do with: a bounding set of few
 * capabilities, no new privileges, and a {@link SyscallFilter}. A program gets these from the
 * thread that starts it, so a thread is made for each start, gives them up, starts the program and
 * ends. It does nothing else: each thread that it made, and each thread that wakes because of it,
 * would be confined as well, as those are that the JDK makes to wait for its processes. So
 * posix_spawn(3) is called here instead, and a thread that was made before waits for the program's
 * end.
 */
@SuppressWarnings("restricted")
final class ConfinedProcess {
  private static final Logger LOG = Logger.getLogger(ConfinedProcess.class);

  /** To mount, and to answer the kernel what users of all kinds ask of the mount. */
  static final Set<Integer> KEPT = Set.of(21);

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MemoryLayout OPAQUE = MemoryLayout.sequenceLayout(64, JAVA_LONG);
  private static final int OF_SIGNALS = 128;
  private static final short SETSIGDEF_SETSIGMASK_SETSID = 0x04 | 0x08 | 0x80;
  private static final int WRITE_CREATE_APPEND = 1 | 0x40 | 0x400;
  private static final int OWNER_ONLY = 0600;
  private static final int SET_SECCOMP = 22;
  private static final int FILTER = 2;
  private static final int CAPBSET_READ = 23;
  private static final int CAPBSET_DROP = 24;
  private static final int SET_NO_NEW_PRIVS = 38;
  private static final int CAPABILITIES = 64;
  private static final long POLL_NANOS = 10_000_000;
  private static final int CAPABILITY_VERSION = 0x2008_0522;

  private static final MethodHandle SPAWN =
      handle("posix_spawn", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle ACTIONS_INIT = handle("posix_spawn_file_actions_init", ADDRESS);
  private static final MethodHandle ACTIONS_DESTROY =
      handle("posix_spawn_file_actions_destroy", ADDRESS);
  private static final MethodHandle ADD_OPEN =
      handle("posix_spawn_file_actions_addopen", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle ADD_DUP2 =
      handle("posix_spawn_file_actions_adddup2", ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle ADD_CHDIR =
      handle("posix_spawn_file_actions_addchdir_np", ADDRESS, ADDRESS);
  private static final MethodHandle ADD_CLOSE_FROM =
      handle("posix_spawn_file_actions_addclosefrom_np", ADDRESS, JAVA_INT);
  private static final MethodHandle ATTRIBUTES_INIT = handle("posix_spawnattr_init", ADDRESS);
  private static final MethodHandle SET_FLAGS =
      handle("posix_spawnattr_setflags", ADDRESS, JAVA_SHORT);
  private static final MethodHandle SET_MASK =
      handle("posix_spawnattr_setsigmask", ADDRESS, ADDRESS);
  private static final MethodHandle SET_DEFAULT =
      handle("posix_spawnattr_setsigdefault", ADDRESS, ADDRESS);
  private static final MethodHandle WAITPID = handle("waitpid", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle CAPGET = handle("capget", ADDRESS, ADDRESS);
  private static final MethodHandle CAPSET = handle("capset", ADDRESS, ADDRESS);
  private static final MethodHandle PRCTL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("prctl"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(1));

  private ConfinedProcess() {}

  /** What posix_spawn takes. */
  private record Request(
      MemorySegment pid,
      MemorySegment path,
      MemorySegment actions,
      MemorySegment attributes,
      MemorySegment arguments,
      MemorySegment environment,
      MemorySegment filter,
      MemorySegment capabilityHeader,
      MemorySegment capabilities) {}

  /** How a start went: zero or the errno of posix_spawn, and what was not to be given up. */
  private record Outcome(int errno, boolean bounded, boolean filtered) {}

  /**
   * Starts a program in a session of its own, in the root directory, with empty input and nothing
   * of this process's descriptors; {@code log} takes at its end what it prints. Returns its pid as
   * soon as it is the program; {@link HostException.Io} if that cannot be. {@code ended} runs on a
   * thread of its own when the program has ended.
   */
  static long start(List<String> line, Map<String, String> environment, Path log, Runnable ended) {
    CompletableFuture<Long> started = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("waits for " + line.getFirst())
        .start(
            () -> {
              try {
                started.complete(spawn(line, environment, log));
              } catch (Throwable e) {
                started.completeExceptionally(e);
                return;
              }
              waitFor(started.join());
              ended.run();
            });
    try {
      return started.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof HostException known) {
        throw known;
      }
      throw new HostException.Io(
          "cannot start " + line.getFirst(), e.getCause() == null ? e : e.getCause());
    }
  }

  private static long spawn(List<String> line, Map<String, String> environment, Path log)
      throws Throwable {
    // Shared, for the other thread; all that it needs is made here.
    try (Arena arena = Arena.ofShared()) {
      Request request = request(arena, line, environment, log);
      Outcome[] outcome = new Outcome[1];
      Throwable[] failure = new Throwable[1];
      Thread confined =
          Thread.ofPlatform()
              .daemon()
              .name("starts " + line.getFirst())
              .unstarted(
                  () -> {
                    try {
                      outcome[0] = confineAndSpawn(request);
                    } catch (Throwable e) {
                      failure[0] = e;
                    }
                  });
      confined.start();
      confined.join();
      int _ = (int) ACTIONS_DESTROY.invokeExact(request.actions);
      if (failure[0] != null) {
        throw failure[0];
      }
      if (outcome[0].errno != 0) {
        throw new HostException.Io(
            "cannot start " + line.getFirst(), new IOException(Libc.message(outcome[0].errno)));
      }
      if (!outcome[0].bounded || !outcome[0].filtered) {
        LOG.warnf(
            "%s runs with %s: %s",
            line.getFirst(),
            outcome[0].bounded ? "no filter of system calls" : "all of Berth's capabilities",
            outcome[0].bounded
                ? "this kernel takes none"
                : "Berth may not give any up without CAP_SETPCAP");
      }
      return request.pid.get(JAVA_INT, 0);
    }
  }

  private static Request request(
      Arena arena, List<String> line, Map<String, String> environment, Path log) throws Throwable {
    MemorySegment actions = arena.allocate(OPAQUE);
    check((int) ACTIONS_INIT.invokeExact(actions));
    check((int) ADD_OPEN.invokeExact(actions, 0, arena.allocateFrom("/dev/null"), 0, 0));
    check(
        (int)
            ADD_OPEN.invokeExact(
                actions, 1, arena.allocateFrom(log.toString()), WRITE_CREATE_APPEND, OWNER_ONLY));
    check((int) ADD_DUP2.invokeExact(actions, 1, 2));
    check((int) ADD_CLOSE_FROM.invokeExact(actions, 3));
    check((int) ADD_CHDIR.invokeExact(actions, arena.allocateFrom("/")));
    MemorySegment attributes = arena.allocate(OPAQUE);
    check((int) ATTRIBUTES_INIT.invokeExact(attributes));
    MemorySegment none = arena.allocate(OF_SIGNALS);
    check((int) SET_MASK.invokeExact(attributes, none));
    MemorySegment all = arena.allocate(OF_SIGNALS).fill((byte) 0xff);
    check((int) SET_DEFAULT.invokeExact(attributes, all));
    check((int) SET_FLAGS.invokeExact(attributes, SETSIGDEF_SETSIGMASK_SETSID));
    MemorySegment header = arena.allocateFrom(JAVA_INT, CAPABILITY_VERSION, 0);
    return new Request(
        arena.allocate(JAVA_INT),
        arena.allocateFrom(line.getFirst()),
        actions,
        attributes,
        texts(arena, line),
        texts(
            arena,
            environment.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList()),
        filter(arena),
        header,
        arena.allocate(JAVA_INT, 6));
  }

  /** An array of texts, with the null at its end. */
  private static MemorySegment texts(Arena arena, List<String> texts) {
    MemorySegment array = arena.allocate(ADDRESS, texts.size() + 1L);
    for (int i = 0; i < texts.size(); i++) {
      array.setAtIndex(ADDRESS, i, arena.allocateFrom(texts.get(i)));
    }
    return array;
  }

  /** A struct sock_fprog; NULL if there is none for this processor. */
  private static MemorySegment filter(Arena arena) {
    return SyscallFilter.ofThisHost()
        .map(
            filter -> {
              MemorySegment code = arena.allocate(JAVA_LONG, filter.program().size());
              for (int i = 0; i < filter.program().size(); i++) {
                code.setAtIndex(JAVA_LONG, i, filter.program().get(i));
              }
              MemorySegment program = arena.allocate(JAVA_LONG, 2);
              program.set(JAVA_SHORT, 0, (short) filter.program().size());
              program.set(ADDRESS, ADDRESS.byteSize(), code);
              return program;
            })
        .orElse(MemorySegment.NULL);
  }

  /**
   * On the thread that ends then. The order matters: each step takes away what one before needs.
   */
  private static Outcome confineAndSpawn(Request request) throws Throwable {
    boolean bounded = true;
    for (int capability = 0; capability < CAPABILITIES; capability++) {
      if (!KEPT.contains(capability) && prctl(CAPBSET_READ, capability) == 1) {
        bounded &= prctl(CAPBSET_DROP, capability) == 0;
      }
    }
    dropInheritable(request);
    int privileges = prctl(SET_NO_NEW_PRIVS, 1);
    boolean filtered =
        privileges == 0
            && !request.filter.equals(MemorySegment.NULL)
            && (int) PRCTL.invokeExact(SET_SECCOMP, (long) FILTER, request.filter.address(), 0L, 0L)
                == 0;
    int errno =
        (int)
            SPAWN.invokeExact(
                request.pid,
                request.path,
                request.actions,
                request.attributes,
                request.arguments,
                request.environment);
    return new Outcome(errno, bounded, filtered);
  }

  /** Root's programs have those that are inheritable whatever the bounding set says. */
  private static void dropInheritable(Request request) throws Throwable {
    if ((int) CAPGET.invokeExact(request.capabilityHeader, request.capabilities) == 0) {
      request.capabilities.setAtIndex(JAVA_INT, 2, 0);
      request.capabilities.setAtIndex(JAVA_INT, 5, 0);
      int _ = (int) CAPSET.invokeExact(request.capabilityHeader, request.capabilities);
    }
  }

  private static int prctl(int operation, long argument) throws Throwable {
    return (int) PRCTL.invokeExact(operation, argument, 0L, 0L, 0L);
  }

  /** Returns when the process has ended; it is gone from /proc then. */
  private static void waitFor(long pid) {
    try {
      while ((int) WAITPID.invokeExact((int) pid, MemorySegment.NULL, 0) != pid
          && ProcessId.of(pid).isPresent()) {
        LockSupport.parkNanos(POLL_NANOS);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("cannot wait for process " + pid, e);
    }
  }

  private static void check(int errno) {
    if (errno != 0) {
      throw new HostException.Io(
          "cannot prepare the start of a program", new IOException(Libc.message(errno)));
    }
  }

  private static MethodHandle handle(String name, MemoryLayout... arguments) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
  }
}
