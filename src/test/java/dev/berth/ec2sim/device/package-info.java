/**
 * What instances see of their volumes: loop devices over sparse files, under trees shaped like
 * sysfs and {@code /dev}.
 */
@NullMarked
package dev.berth.ec2sim.device;

import org.jspecify.annotations.NullMarked;
