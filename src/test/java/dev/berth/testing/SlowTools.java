package dev.berth.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes this host's tools slow or failing for chosen volumes: a directory for the front of PATH
 * with a wrapper for each. A rule is a file {@code <tool>@<when>@<part of a name>}; it holds for a
 * run whose arguments, or the file behind whose loop device, contain that part.
 */
public final class SlowTools {
  private static final List<String> TOOLS =
      List.of(
          "mkfs.ext4",
          "mkfs.xfs",
          "mkfs.btrfs",
          "e2fsck",
          "mount",
          "umount",
          "losetup",
          "cp",
          "blkid");
  private static final String WRAPPER =
      """
      #!/bin/sh
      tool=${0##*/}
      home=${0%/*}
      text=" $*"
      for word in "$@"; do
        case $word in
          /dev/loop*) text="$text $(cat "/sys/block/${word#/dev/}/loop/backing_file" 2>/dev/null)" ;;
        esac
      done
      echo "$tool$text" >> "$home/log"
      rule() {
        for file in "$home/rules/$tool@$1@"*; do
          [ -e "$file" ] || continue
          part=$(echo "${file##*@}" | tr % /)
          case $text in
            *"$part"*) echo "${file##*/}" >> "$home/hits"; cat "$file"; return ;;
          esac
        done
      }
      hold=$(rule hold); while [ -n "$hold" ] && [ -e "$hold" ]; do sleep 0.1; done
      delay=$(rule before); [ -z "$delay" ] || sleep "$delay"
      message=$(rule fail); [ -z "$message" ] || { echo "$message" >&2; exit 1; }
      PATH=@PATH@
      "$tool" "$@"; status=$?
      delay=$(rule after); [ -z "$delay" ] || sleep "$delay"
      message=$(rule spoil); [ -z "$message" ] || { echo "$message" >&2; exit 1; }
      exit $status
      """;

  private final Path directory;

  public SlowTools(Path directory) {
    this.directory = directory;
    try {
      Files.createDirectories(directory.resolve("rules"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    TOOLS.forEach(this::wrap);
  }

  /** Puts a tool's wrapper in front of it; there already: nothing changes. */
  public void wrap(String tool) {
    try {
      Path wrapper = directory.resolve(tool);
      Files.writeString(wrapper, WRAPPER.replace("@PATH@", System.getenv("PATH")));
      Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Leaves a tool to itself until it is wrapped again. */
  public void unwrap(String tool) {
    try {
      Files.deleteIfExists(directory.resolve(tool));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A PATH that finds the wrappers first. */
  public String path() {
    return directory + ":" + System.getenv("PATH");
  }

  public void delayBefore(String tool, String part, Duration time) {
    rule(tool, "before", part, "" + time.toMillis() / 1000.0);
  }

  public void delayAfter(String tool, String part, Duration time) {
    rule(tool, "after", part, "" + time.toMillis() / 1000.0);
  }

  /** Lets the tool do nothing until {@link #clear} is called. */
  public void hold(String tool, String part) {
    rule(tool, "hold", part, ruleFile(tool, "hold", part).toString());
  }

  public void fail(String tool, String part) {
    fail(tool, part, "no luck today");
  }

  /** Ends with 1 and this message. */
  public void fail(String tool, String part, String message) {
    rule(tool, "fail", part, message);
  }

  /** Lets the tool do its work, and then fail. */
  public void failAfter(String tool, String part) {
    rule(tool, "spoil", part, "no luck today");
  }

  private void rule(String tool, String when, String part, String value) {
    try {
      Files.writeString(ruleFile(tool, when, part), value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path ruleFile(String tool, String when, String part) {
    String file = "%s@%s@%s".formatted(tool, when, part.replace('/', '%'));
    return directory.resolve("rules").resolve(file);
  }

  /** Drops all rules, and forgets their hits. */
  public void clear() {
    try {
      drop("");
      Files.deleteIfExists(directory.resolve("hits"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Drops the rules for this part of a name. */
  public void clear(String part) {
    try {
      drop("@" + part.replace('/', '%'));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void drop(String end) throws IOException {
    try (Stream<Path> rules = Files.list(directory.resolve("rules"))) {
      for (Path rule : rules.filter(file -> file.toString().endsWith(end)).toList()) {
        Files.delete(rule);
      }
    }
  }

  /** How often a rule for this tool and part of a name has fired. */
  public long hits(String tool, String part) {
    String end = "@" + part.replace('/', '%');
    return lines("hits").filter(line -> line.startsWith(tool + "@") && line.endsWith(end)).count();
  }

  /** How often a tool ran with this text among its arguments. */
  public long runs(String tool, String part) {
    return lines("log").filter(line -> line.startsWith(tool + " ") && line.contains(part)).count();
  }

  private Stream<String> lines(String file) {
    return Traces.read(directory.resolve(file)).lines();
  }
}
