package dev.berth.backend.s3;

import dev.berth.host.FuseFilesystem;
import dev.berth.host.MountEntry;
import dev.berth.host.ProcessId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The client of a mounted volume, as it is kept on this host's disk so that a new run of Berth
 * finds it again.
 *
 * @param bootId of the host when it was written; nothing of it holds after another boot
 * @param generation counts the clients started for this mount; each has a path of its own to mount
 *     at
 * @param process empty while it is being started
 * @param filesystem that it serves; empty while it is being started
 * @param replaced the filesystems of earlier clients, some mounts of which may be left in
 *     containers
 * @param retired earlier clients that go on until their last open file is closed
 * @param keysPort where it asks for its credentials, 0 if it does not
 * @param keysExpire when those it was given expire, if they do
 * @param keysPrint which keys it was given when it was started, as {@link HeldKeys#print}; empty if
 *     none, or some that expire
 */
record ClientRun(
    String bootId,
    ClientKind client,
    int generation,
    Optional<ProcessId> process,
    Optional<FuseFilesystem> filesystem,
    List<FuseFilesystem> replaced,
    List<ProcessId> retired,
    int keysPort,
    Optional<Instant> keysExpire,
    String keysPrint) {

  ClientRun {
    replaced = List.copyOf(replaced);
    retired = List.copyOf(retired);
  }

  /** Of a client that is about to be started. */
  static ClientRun intended(String bootId, ClientPlans.Planned planned) {
    return new ClientRun(
        bootId,
        planned.client().kind(),
        1,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        List.of(),
        planned.keysPort(),
        planned.keysExpire(),
        planned.keysPrint());
  }

  /** The same when the client mounts. */
  ClientRun started(ProcessId id, FuseFilesystem mounted) {
    return new ClientRun(
        bootId,
        client,
        generation,
        Optional.of(id),
        Optional.of(mounted),
        replaced,
        retired,
        keysPort,
        keysExpire,
        keysPrint);
  }

  /** Of the client that {@code id} is to be, at {@code mounted}, in the place of this one. */
  ClientRun succeededBy(
      ClientPlans.Planned planned, ProcessId id, FuseFilesystem mounted, boolean retire) {
    List<FuseFilesystem> left =
        Stream.concat(replaced.stream(), filesystem.stream())
            .filter(earlier -> !earlier.device().equals(mounted.device()))
            .distinct()
            .toList();
    List<ProcessId> going =
        Stream.concat(retired.stream(), retire ? process.stream() : Stream.empty())
            .filter(ProcessId::alive)
            .toList();
    return new ClientRun(
        bootId,
        client,
        generation + 1,
        Optional.of(id),
        Optional.of(mounted),
        left,
        going,
        planned.keysPort(),
        planned.keysExpire(),
        planned.keysPrint());
  }

  /** Whether a mount is one of this client's filesystem or of an earlier one's. */
  boolean knows(MountEntry entry) {
    return Stream.concat(filesystem.stream(), replaced.stream())
        .anyMatch(known -> known.isMountedAs(entry));
  }

  ClientRun withReplaced(List<FuseFilesystem> left) {
    return new ClientRun(
        bootId,
        client,
        generation,
        process,
        filesystem,
        left,
        retired,
        keysPort,
        keysExpire,
        keysPrint);
  }
}
