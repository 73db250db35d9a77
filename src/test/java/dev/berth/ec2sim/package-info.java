/**
 * A strict EC2: the volumes, attachments, snapshots and instances of one region, behind the query
 * protocol that the SDK speaks. Rules are the service's own; delays, limits and faults are set by
 * the test. Attached volumes are loop devices under a tree shaped like {@code /sys} and {@code
 * /dev}, one tree an instance.
 */
@NullMarked
package dev.berth.ec2sim;

import org.jspecify.annotations.NullMarked;
