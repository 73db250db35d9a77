package dev.berth.backend;

import dev.berth.volume.BackendRef;
import dev.berth.volume.Content;

/** A volume's thing, made: what the backend calls it, and what its bytes are. */
public record Provisioned(BackendRef ref, Content content) {}
