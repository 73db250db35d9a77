package dev.berth.host;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/**
 * Calls of the kernel that no program of the system offers, or not without a wait that cannot be
 * ended. Each returns what the call returns, or the negated errno. They hold the carrier of a
 * virtual thread: call them on platform threads.
 */
@SuppressWarnings("restricted")
final class Libc {
  /** Paths come from mountinfo, read byte for byte as this. */
  private static final java.nio.charset.Charset BYTES = StandardCharsets.ISO_8859_1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

  /** Longer than struct statvfs on any architecture. */
  private static final MemoryLayout STATVFS_SPACE = MemoryLayout.sequenceLayout(64, JAVA_LONG);

  private static final MethodHandle STATVFS = handle("statvfs", of(ADDRESS, ADDRESS));
  private static final MethodHandle UMOUNT = handle("umount2", of(ADDRESS, JAVA_INT));
  private static final MethodHandle OPEN =
      handle("open", of(ADDRESS, JAVA_INT), Linker.Option.firstVariadicArg(2));
  private static final MethodHandle IOCTL =
      handle("ioctl", of(JAVA_INT, JAVA_LONG, ADDRESS), Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE = handle("close", of(JAVA_INT));
  private static final MethodHandle SETNS = handle("setns", of(JAVA_INT, JAVA_INT));
  private static final MethodHandle UNSHARE = handle("unshare", of(JAVA_INT));
  private static final MethodHandle FCHDIR = handle("fchdir", of(JAVA_INT));
  private static final MethodHandle STATX =
      handle("statx", of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));

  /**
   * Of those calls that glibc has functions for only lately; their numbers are the same everywhere.
   */
  private static final MethodHandle SYSCALL =
      handle(
          "syscall",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.firstVariadicArg(1));

  private static final MethodHandle STRERROR =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));

  private Libc() {}

  /** A call with the space for its errno in front of its arguments. */
  @FunctionalInterface
  private interface Call {
    Object invoke(Arena arena, MemorySegment state) throws Throwable;
  }

  /** Asks the filesystem at {@code path} for its size, and ignores the answer. */
  static long statvfs(String path) {
    return call(
        (arena, state) ->
            (int) STATVFS.invokeExact(state, text(arena, path), arena.allocate(STATVFS_SPACE)));
  }

  static long umount(String path, int flags) {
    return call((arena, state) -> (int) UMOUNT.invokeExact(state, text(arena, path), flags));
  }

  static long open(String path, int flags) {
    return call((arena, state) -> (int) OPEN.invokeExact(state, text(arena, path), flags));
  }

  /** Hands {@code argument} to the device's driver, which may change it. */
  static long ioctl(long fd, long request, byte[] argument) {
    return call(
        (arena, state) -> {
          MemorySegment space = arena.allocateFrom(JAVA_BYTE, argument);
          int result = (int) IOCTL.invokeExact(state, (int) fd, request, space);
          MemorySegment.copy(space, JAVA_BYTE, 0, argument, 0, argument.length);
          return result;
        });
  }

  /** The same for a request whose argument is a number. */
  static long ioctl(long fd, long request, long argument) {
    return call(
        (arena, state) ->
            (int) IOCTL.invokeExact(state, (int) fd, request, MemorySegment.ofAddress(argument)));
  }

  static long close(long fd) {
    return call((arena, state) -> (int) CLOSE.invokeExact(state, (int) fd));
  }

  static long setns(long fd, int type) {
    return call((arena, state) -> (int) SETNS.invokeExact(state, (int) fd, type));
  }

  static long unshare(int flags) {
    return call((arena, state) -> (int) UNSHARE.invokeExact(state, flags));
  }

  static long fchdir(long fd) {
    return call((arena, state) -> (int) FCHDIR.invokeExact(state, (int) fd));
  }

  /** Opens a path, absolute or from {@code directory} on, within what {@code resolve} allows. */
  static long openat2(long directory, String path, long flags, long resolve) {
    return syscall(
        arena -> {
          MemorySegment how = arena.allocateFrom(JAVA_LONG, flags, 0, resolve);
          return new long[] {
            437, directory, address(arena, path), how.address(), how.byteSize(), 0
          };
        });
  }

  /**
   * Which mount and which filesystem a descriptor is on; asks the filesystem itself for nothing, so
   * that one without a process behind it answers too. Errors as {@code mount} of the result.
   */
  static OpenPlace statx(long fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(STATX_SIZE, Long.BYTES);
      long result =
          call(
              (inner, state) ->
                  (int)
                      STATX.invokeExact(
                          state,
                          (int) fd,
                          text(inner, ""),
                          AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
                          STATX_MNT_ID,
                          buffer));
      return result < 0
          ? new OpenPlace(result, new DeviceNumber(0, 0), false)
          : new OpenPlace(
              buffer.get(JAVA_LONG, STX_MNT_ID),
              new DeviceNumber(
                  buffer.get(JAVA_INT, STX_DEV_MAJOR), buffer.get(JAVA_INT, STX_DEV_MINOR)),
              (buffer.get(JAVA_LONG, STX_ATTRIBUTES) & STATX_ATTR_MOUNT_ROOT) != 0);
    }
  }

  /**
   * What the offset and the length of direct I/O on a descriptor have to be a multiple of, in
   * bytes; 0 if the filesystem does not say, or the kernel is older than Linux 6.1.
   */
  static int directIoAlignment(long fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(STATX_SIZE, Long.BYTES);
      long result =
          call(
              (inner, state) ->
                  (int)
                      STATX.invokeExact(
                          state, (int) fd, text(inner, ""), AT_EMPTY_PATH, STATX_DIOALIGN, buffer));
      boolean said = result == 0 && (buffer.get(JAVA_INT, 0) & STATX_DIOALIGN) != 0;
      return said ? buffer.get(JAVA_INT, STX_DIO_OFFSET_ALIGN) : 0;
    }
  }

  /**
   * What {@link #statx} says.
   *
   * @param mount its id, which is no other mount's as long as the descriptor is open; negative: the
   *     negated errno
   * @param isRoot whether the descriptor is at the root of that mount
   */
  record OpenPlace(long mount, DeviceNumber device, boolean isRoot) {}

  /** A copy, mounted nowhere yet, of the mount that {@code fd} is on, from there on. */
  static long openTree(long fd, int flags) {
    return syscall(arena -> new long[] {428, fd, address(arena, ""), flags | AT_EMPTY_PATH, 0, 0});
  }

  /** Mounts what {@code fd} stands for at the place {@code target} stands for. */
  static long moveMount(long fd, long target, int flags) {
    return syscall(
        arena -> {
          long empty = address(arena, "");
          return new long[] {429, fd, empty, target, empty, flags};
        });
  }

  /** Sets attributes and the propagation type of the mount that {@code fd} stands for. */
  static long mountSetattr(long fd, int flags, long set, long clear, long propagation) {
    return syscall(
        arena -> {
          MemorySegment attributes = arena.allocateFrom(JAVA_LONG, set, clear, propagation, 0);
          return new long[] {
            442, fd, address(arena, ""), flags, attributes.address(), attributes.byteSize()
          };
        });
  }

  /** What an errno, negated or not, means. */
  static String message(long errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact((int) Math.abs(errno));
      return text.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int AT_STATX_DONT_SYNC = 0x4000;
  private static final int STATX_MNT_ID = 0x1000;
  private static final int STATX_DIOALIGN = 0x2000;
  private static final long STATX_ATTR_MOUNT_ROOT = 0x2000;

  /** Of struct statx, see statx(2); the same on all architectures. */
  private static final long STATX_SIZE = 256;

  private static final long STX_ATTRIBUTES = 8;
  private static final long STX_DEV_MAJOR = 136;
  private static final long STX_DEV_MINOR = 140;
  private static final long STX_MNT_ID = 144;
  private static final long STX_DIO_OFFSET_ALIGN = 156;

  /** Instead of a descriptor: a path that is not absolute begins at the current directory. */
  static final long AT_FDCWD = -100;

  /** The number of a call and its five arguments. */
  @FunctionalInterface
  private interface Arguments {
    long[] in(Arena arena);
  }

  private static long syscall(Arguments arguments) {
    return call(
        (arena, state) -> {
          long[] a = arguments.in(arena);
          return (long) SYSCALL.invokeExact(state, a[0], a[1], a[2], a[3], a[4], a[5]);
        });
  }

  private static long call(Call call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long result = ((Number) call.invoke(arena, state)).longValue();
      return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    } catch (Throwable e) {
      throw new IllegalStateException("a call of the kernel could not be made", e);
    }
  }

  private static MemorySegment text(Arena arena, String text) {
    return arena.allocateFrom(text, BYTES);
  }

  private static long address(Arena arena, String text) {
    return text(arena, text).address();
  }

  private static FunctionDescriptor of(ValueLayout... arguments) {
    return FunctionDescriptor.of(JAVA_INT, arguments);
  }

  private static MethodHandle handle(
      String name, FunctionDescriptor signature, Linker.Option... options) {
    Linker.Option[] all = new Linker.Option[options.length + 1];
    all[0] = Linker.Option.captureCallState("errno");
    System.arraycopy(options, 0, all, 1, options.length);
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), signature, all);
  }
}
