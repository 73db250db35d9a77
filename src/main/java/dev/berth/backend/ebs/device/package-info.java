/**
 * What attached volumes are on this host: NVMe and Xen disks, and the loop devices that stand for
 * them where a cloud is emulated.
 */
@NullMarked
package dev.berth.backend.ebs.device;

import org.jspecify.annotations.NullMarked;
