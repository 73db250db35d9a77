/**
 * Volumes on block devices. The format rule, the check before a mount, the mount itself and growing
 * live here once, over a small {@link dev.berth.backend.block.BlockStore} for each place devices
 * come from.
 */
@NullMarked
package dev.berth.backend.block;

import org.jspecify.annotations.NullMarked;
