package dev.berth.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CleanUpTest {
  private final List<String> done = new ArrayList<>();
  private final CleanUp cleanUp = new CleanUp();

  private void add(String step) {
    cleanUp.add(step, () -> done.add(step));
  }

  @Test
  void theLastIsUndoneFirstAndOnce() {
    add("first");
    add("last");
    cleanUp.run();
    cleanUp.run();
    assertThat(done).containsExactly("last", "first");
  }

  @Test
  void whateverFailsTheOthersAreDoneAndAllThatFailedIsTold() {
    add("first");
    cleanUp.add(
        "stop it",
        () -> {
          throw new StackOverflowError("deep");
        });
    add("between");
    cleanUp.add(
        "unmount it",
        () -> {
          throw new IllegalStateException("target is busy");
        });
    add("last");
    assertThatThrownBy(cleanUp::run)
        .isInstanceOf(AssertionError.class)
        .hasMessage("cannot unmount it: target is busy; cannot stop it: deep")
        .satisfies(
            all ->
                assertThat(all.getSuppressed())
                    .extracting(Throwable::getCause)
                    .hasExactlyElementsOfTypes(
                        IllegalStateException.class, StackOverflowError.class));
    assertThat(done).containsExactly("last", "between", "first");
  }
}
