/**
 * Random sequences of calls, crashes and restarts against the process as it is delivered, compared
 * after every step with a small model of volumes and their holders.
 *
 * <p>{@link dev.berth.model.ModelIT} says how a sequence that failed is run again.
 */
package dev.berth.model;
