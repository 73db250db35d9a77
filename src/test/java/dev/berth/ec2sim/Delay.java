package dev.berth.ec2sim;

import java.time.Duration;

/** What takes its time, and how long unless a test sets another time. */
public enum Delay {
  /** From CreateVolume or CopyVolumes to {@code available}. */
  CREATE(50),
  /** From DeleteVolume until the volume is gone from describes. */
  DELETE(30),
  /** From AttachVolume to {@code attached}. */
  ATTACH(100),
  /** From AttachVolume until the device is there. */
  DEVICE(80),
  /** From DetachVolume until the device goes and the volume is {@code available}. */
  DETACH(60),
  /** From CreateSnapshot to {@code completed}. */
  SNAPSHOT(100),
  /** From ModifyVolume to {@code optimizing}, when the new size is there. */
  MODIFYING(50),
  /** From {@code optimizing} to {@code completed}. */
  OPTIMIZING(100),
  /** Between two states of an instance. */
  INSTANCE(50),
  /** From {@code terminated} until nobody knows the instance. */
  VANISH(500);

  /** As good as for ever, until a test sets another time. */
  public static final Duration UNTIL_SET = Duration.ofHours(1);

  private final Duration initial;

  Delay(long millis) {
    initial = Duration.ofMillis(millis);
  }

  /** What it is unless a test sets it. */
  public Duration initial() {
    return initial;
  }
}
