package dev.berth.backend.s3;

import dev.berth.host.ProcessId;
import dev.berth.volume.MountClient;
import dev.berth.volume.MountClient.State;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;

/** What is known of a volume's client and of its store. Any thread may write and read it. */
final class ClientHealth {
  private final ClientKind kind;
  private final AtomicInteger restarts = new AtomicInteger();
  private volatile State state = State.HEALTHY;
  private volatile Optional<String> lastError = Optional.empty();
  private volatile Optional<String> storeTrouble = Optional.empty();
  private volatile OptionalLong cacheBytes = OptionalLong.empty();

  ClientHealth(ClientKind kind) {
    this.kind = kind;
  }

  /** How the client itself does; whether its store does is told by {@link #store}. */
  void is(State next) {
    state = next;
  }

  /** Notes an error; whether it is another one than the last is returned. */
  boolean failed(String error) {
    boolean other = lastError.filter(error::equals).isEmpty();
    lastError = Optional.of(error);
    return other;
  }

  void restarted() {
    restarts.incrementAndGet();
  }

  void cacheTakes(long bytes) {
    cacheBytes = OptionalLong.of(bytes);
  }

  /** Notes why the store is of no use, if it is not; whether that changed is returned. */
  boolean store(Optional<String> trouble) {
    boolean changed = trouble.isPresent() != storeTrouble.isPresent();
    storeTrouble = trouble;
    return changed;
  }

  boolean storeAnswers() {
    return storeTrouble.isEmpty();
  }

  /** All of it, with the process that serves the volume, or did last. */
  MountClient of(Optional<ProcessId> process) {
    return new MountClient(
        kind.word(),
        process.map(ProcessId::pid).orElse(0L),
        state == State.HEALTHY && !storeAnswers() ? State.ENDPOINT_DOWN : state,
        restarts.get(),
        cacheBytes,
        storeTrouble.or(() -> lastError));
  }
}
