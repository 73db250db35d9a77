/**
 * Berth as it is delivered, against a real Docker engine, real loop devices and real filesystems.
 *
 * <p>Each class starts its own Berth, and its own engine if it needs one, below a directory of its
 * own; see {@link dev.berth.testing.TestBed}. The numbers in the names of the tests are those of
 * the conformance checklist for Docker volume plugins that Berth keeps.
 */
package dev.berth.system;
