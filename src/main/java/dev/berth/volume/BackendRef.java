package dev.berth.volume;

/**
 * What a backend calls its own thing: a file name, {@code vol-…}, {@code bucket/prefix}. Only that
 * backend reads it.
 */
public record BackendRef(String value) {
  @Override
  public String toString() {
    return value;
  }
}
