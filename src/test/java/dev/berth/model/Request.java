package dev.berth.model;

import dev.berth.testing.Reply;
import java.util.Set;

/**
 * One request to Berth: what is sent, whether it must succeed, and what is true after each outcome.
 */
sealed interface Request extends Action permits PluginRequest, AdminRequest {
  /** Stands, among the {@link #subjects}, for all snapshots. */
  String SNAPSHOTS = "/snapshots";

  /** What an answer has to be. */
  enum Verdict {
    SUCCESS,
    FAILURE,
    EITHER;

    static Verdict successIf(boolean condition) {
      return condition ? SUCCESS : FAILURE;
    }
  }

  /** What goes over the socket. */
  record Message(String verb, String path, String body) {}

  /** What it has to do with; requests that have nothing in common do not influence each other. */
  Set<String> subjects();

  Message message(Model model);

  /** What the answer to a request that was under way for {@code span} has to be. */
  Verdict verdict(Model model, Span span);

  default void succeeded(Model model, Reply reply, Span span) {}

  default void refused(Model model, Span span) {}

  /** No answer came, since Berth was ended: the model follows what is seen after its restart. */
  default void lost(Model model, Observation seen, Span span) {}
}
