package dev.berth.volume;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The options every volume takes, whatever its backend; and {@link #SIZE}, for those that have a
 * size.
 */
public final class CommonOptions {
  /** What {@code docker volume rm} does with the data. */
  public enum OnRemove {
    DELETE,
    RETAIN,
    SNAPSHOT
  }

  /** Linux' ids have 32 bits; the one with all of them set means "unchanged" to chown(2). */
  private static final long MAX_ID = 0xffff_fffeL;

  public static final Option<BackendName> BACKEND =
      Option.of("backend", "the name of a backend", BackendName::new, BackendName::value);
  public static final Option<OnRemove> ON_REMOVE = Option.oneOf("onRemove", OnRemove.class);
  public static final Option<Long> UID = Option.number("uid", 0L, MAX_ID);
  public static final Option<Long> GID = Option.number("gid", 0L, MAX_ID);
  public static final Option<String> MODE =
      Option.text("mode", "octal permissions such as 0755", Pattern.compile("0?[0-7]{3}|[0-7]{4}"));
  public static final Option<String> LABEL =
      Option.family(
          "label",
          "a text of at most 256 printable characters",
          Pattern.compile("\\P{Cntrl}{0,256}"));
  public static final Option<ByteSize> SIZE = Option.size("size");

  /** All of them but {@link #SIZE}. */
  public static final List<Option<?>> ALL = List.of(BACKEND, ON_REMOVE, UID, GID, MODE, LABEL);

  private CommonOptions() {}
}
