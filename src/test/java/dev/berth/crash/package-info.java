/**
 * The crash matrix: {@code kill -9} of Berth, as it is delivered, at every step of every operation.
 *
 * <p>{@link dev.berth.crash.Scenarios} lists what is done; at which steps it is cut off comes from
 * a run without a crash, and that no step is left out from the code: see {@link
 * dev.berth.crash.CodeSteps}. A new operation, or a new backend's steps, take a scenario more.
 */
package dev.berth.crash;
