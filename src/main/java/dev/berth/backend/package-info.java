/**
 * What a backend has to do, and the registry of those that are there. Imports only the vocabulary.
 */
@NullMarked
package dev.berth.backend;

import org.jspecify.annotations.NullMarked;
