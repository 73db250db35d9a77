/**
 * The life of a volume on this host: create, mount, unmount, release, remove, and what a restart
 * finds. One class each.
 *
 * <p>Intent is written first, then the thing is done, then it is confirmed; a crash between any two
 * steps is finished or rolled back by the same code when it runs again. Every operation holds its
 * volume's lock and no other.
 */
@NullMarked
package dev.berth.lifecycle;

import org.jspecify.annotations.NullMarked;
