/**
 * The vocabulary of Berth: names, sizes, options, the volume and its states, the claims on it, and
 * the one family of errors. Everybody imports this package; it imports nobody.
 */
@NullMarked
package dev.berth.volume;

import org.jspecify.annotations.NullMarked;
