/**
 * Many callers at once, and the same for a long time: nothing may be lost, and nothing may grow.
 *
 * <p>That a slow backend of one volume holds up no other is tested where single calls are: {@code
 * WireHoldingIT}, {@code SlowBackendIT}.
 */
package dev.berth.load;
