package dev.berth.lifecycle;

import java.time.Instant;

/** What last went wrong with a volume; gone when the next operation on it succeeds. */
public record Trouble(String message, Instant at) {}
