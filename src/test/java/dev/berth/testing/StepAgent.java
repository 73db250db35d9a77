package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.ProtectionDomain;
import java.util.concurrent.locks.LockSupport;

/**
 * Runs inside a Berth that is otherwise just as it is delivered, as its Java agent: writes down
 * each step that Berth comes to, and holds the process where {@link Steps} says so. Berth itself
 * knows nothing of it.
 */
public final class StepAgent {
  static final String REACHED = "reached";
  static final String HELD = "held";
  static final String HOLD = "hold";

  private static final String TARGET = "dev/berth/volume/Progress";
  private static final ClassDesc SELF = ClassDesc.of(StepAgent.class.getName());
  private static final ClassDesc STEP = ClassDesc.of("dev.berth.volume.Step");
  private static final MethodTypeDesc SAYS =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);

  private static Path directory = Path.of("/nonexistent");

  private StepAgent() {}

  /** Called by the JVM; the argument is the directory of a {@link Steps}. */
  public static void premain(String argument, Instrumentation instrumentation) {
    directory = Path.of(argument);
    instrumentation.addTransformer(new CallAtEachStep());
  }

  /** Called, from then on, first thing in {@code Progress.reached}. */
  public static void reached(String step) {
    if (noteAndAsk(step)) {
      while (true) {
        LockSupport.park(StepAgent.class);
      }
    }
  }

  private static synchronized boolean noteAndAsk(String step) {
    try {
      Files.writeString(
          directory.resolve(REACHED),
          step + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
      Path hold = directory.resolve(HOLD);
      if (Files.notExists(hold)) {
        return false;
      }
      String[] wanted = Files.readString(hold).strip().split(" ", 2);
      int left = Integer.parseInt(wanted[1]);
      if (!wanted[0].equals(step)) {
        return false;
      }
      if (left > 1) {
        Files.writeString(hold, step + " " + (left - 1));
        return false;
      }
      Files.delete(hold);
      Files.writeString(directory.resolve(HELD), step);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds the call. */
  private static final class CallAtEachStep implements ClassFileTransformer {
    @Override
    public byte[] transform(
        ClassLoader loader,
        String name,
        Class<?> redefined,
        ProtectionDomain domain,
        byte[] bytes) {
      if (!TARGET.equals(name)) {
        return null;
      }
      ClassFile classes = ClassFile.of();
      return classes.transformClass(
          classes.parse(bytes),
          ClassTransform.transformingMethodBodies(CallAtEachStep::isReached, new CallFirst()));
    }

    private static boolean isReached(MethodModel method) {
      return method.methodName().equalsString(REACHED);
    }
  }

  private static final class CallFirst implements CodeTransform {
    @Override
    public void atStart(CodeBuilder code) {
      code.aload(0)
          .invokeinterface(STEP, "name", MethodTypeDesc.of(ConstantDescs.CD_String))
          .invokestatic(SELF, REACHED, SAYS);
    }

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      code.with(element);
    }
  }
}
