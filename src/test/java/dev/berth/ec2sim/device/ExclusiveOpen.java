package dev.berth.ec2sim.device;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * Asks the kernel whether a block device is claimed: mounted in any namespace, or held by a tool.
 */
@SuppressWarnings("restricted")
final class ExclusiveOpen {
  private static final int READ_EXCLUSIVE = 0x80 | 0x80000;
  private static final int EBUSY = 16;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle OPEN =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("open"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
          Linker.Option.captureCallState("errno"),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("close"),
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private ExclusiveOpen() {}

  static boolean isClaimed(Path device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int file =
          (int) OPEN.invokeExact(state, arena.allocateFrom(device.toString()), READ_EXCLUSIVE);
      if (file < 0) {
        return (int) ERRNO.get(state, 0L) == EBUSY;
      }
      int closed = (int) CLOSE.invokeExact(file);
      return closed != 0;
    } catch (Throwable e) {
      throw new IllegalStateException("cannot open " + device, e);
    }
  }
}
