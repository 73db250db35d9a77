package dev.berth.backend.ebs.device;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names under which this instance asks for attachments, always the first free one, and one for
 * each volume however often it is asked for. EC2 wants one for each, though NVMe disks never show
 * it. A name that did not work is avoided for a while: a device of the image may hold it without
 * EC2 knowing, and EC2 may take hours to see that an old attachment is over.
 */
public final class DeviceNames {
  private static final Pattern NAME = Pattern.compile("(?:/dev/)?(?:sd|xvd)([a-z]{1,2})\\d*");

  /** Some images of Windows keep a, and the names that begin with c. */
  private static final List<String> ALL =
      Stream.of(
              names("/dev/xvda", 'a', 'z'),
              names("/dev/xvdb", 'a', 'z'),
              names("/dev/xvdd", 'a', 'x'),
              names("/dev/xvd", 'b', 'z'))
          .flatMap(List::stream)
          .toList();

  private final InstantSource clock;
  private final Duration avoid;

  /** The volume of each. */
  private final Map<String, String> reserved = new HashMap<>();

  private final Set<String> taken = new HashSet<>();
  private final Map<String, Instant> bad = new HashMap<>();

  public DeviceNames(InstantSource clock, Duration avoid) {
    this.clock = clock;
    this.avoid = avoid;
  }

  private static List<String> names(String prefix, char first, char last) {
    List<String> names = new ArrayList<>();
    for (char letter = first; letter <= last; letter++) {
      names.add(prefix + letter);
    }
    return names;
  }

  /**
   * A name that no other volume gets before it is {@link #release}d: the one that {@code volume}
   * has, if EC2 did not say whether it worked; one that did not work lately only if there is no
   * other. Empty if all are taken.
   */
  public synchronized Optional<String> reserve(String volume) {
    Instant now = clock.instant();
    bad.values().removeIf(until -> !now.isBefore(until));
    reserved.entrySet().removeIf(other -> isOf(volume, other) && isTaken(other.getKey()));
    Optional<String> own =
        reserved.entrySet().stream()
            .filter(other -> isOf(volume, other))
            .map(Map.Entry::getKey)
            .findFirst();
    if (own.isPresent()) {
      return own;
    }
    List<String> free =
        ALL.stream().filter(name -> !reserved.containsKey(name) && !isTaken(name)).toList();
    Optional<String> name =
        free.stream()
            .filter(candidate -> !bad.containsKey(candidate))
            .findFirst()
            .or(() -> free.stream().findFirst());
    name.ifPresent(found -> reserved.put(found, volume));
    return name;
  }

  private static boolean isOf(String volume, Map.Entry<String, String> reservation) {
    return reservation.getValue().equals(volume);
  }

  private boolean isTaken(String name) {
    return taken.contains(letters(name));
  }

  /** It is free again, as far as this instance can tell. */
  public synchronized void release(String name) {
    reserved.remove(name);
    taken.remove(letters(name));
  }

  /** It did not work. */
  public synchronized void avoid(String name) {
    reserved.remove(name);
    bad.put(name, clock.instant().plus(avoid));
  }

  /** It worked for {@code volume}, and is its own until it is {@link #release}d. */
  public synchronized void confirm(String volume, String name) {
    bad.remove(name);
    reserved.values().removeIf(volume::equals);
    reserved.put(name, volume);
  }

  /** These are taken, says EC2; {@code sdf} and {@code xvdf} are the same device. */
  public synchronized void taken(Collection<String> names) {
    taken.clear();
    names.forEach(name -> taken.add(letters(name)));
  }

  private static String letters(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() ? matcher.group(1) : name;
  }
}
