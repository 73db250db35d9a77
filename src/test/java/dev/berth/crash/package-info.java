/**
 * The crash matrix: {@code kill -9} of Berth, as it is delivered, at every step of every operation.
 *
 * <p>A {@link dev.berth.crash.Scenario} says what is done. At which steps it is cut off comes from
 * a run without a crash; that no step is left out comes from the code, see {@link
 * dev.berth.crash.CodeSteps}. A new operation, or a new backend with steps of its own, takes more
 * scenarios.
 */
package dev.berth.crash;
