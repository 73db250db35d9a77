/**
 * Docker's volume plugin protocol: its paths, its JSON, and how errors are written on that wire.
 */
@NullMarked
package dev.berth.protocol;

import org.jspecify.annotations.NullMarked;
