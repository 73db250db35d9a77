/**
 * {@code make bench}: what Berth costs, next to Docker's own driver and to rclone's plugin,
 * measured in one run.
 */
package dev.berth.bench;
