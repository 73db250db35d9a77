package dev.berth.model;

import java.util.List;

/**
 * One step of a sequence. Each makes sense after any other, so that any part of a sequence is one.
 */
sealed interface Action permits Request, Action.OfTheHost {
  /** Everything that is not a single request. */
  sealed interface OfTheHost extends Action {}

  /** Writes a file through the mountpoint; of no kilobytes: deletes it. */
  record Write(String volume, String file, int kilobytes) implements OfTheHost {}

  /** A process in a mount namespace of its own uses the volume, as a container does. */
  record Hold(String volume) implements OfTheHost {}

  record LetGo(String volume) implements OfTheHost {}

  /** A new engine. */
  record Activate() implements OfTheHost {}

  /** Requests about different volumes, sent at once. */
  record AtOnce(List<Request> requests) implements OfTheHost {}

  /** A Mount whose caller goes away after some milliseconds. */
  record GoneCaller(PluginRequest.Mount mount, int millis) implements OfTheHost {}

  /** Berth ends some milliseconds after requests about different volumes, and starts again. */
  record Stop(List<Request> requests, int millis, Signal signal) implements OfTheHost {}

  /** How Berth is ended. */
  enum Signal {
    TERM,
    KILL,
    KILL_TOOLS_TOO
  }
}
