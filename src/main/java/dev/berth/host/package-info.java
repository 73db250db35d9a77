/**
 * The operating system: processes, block devices, filesystems, the mount table, mount namespaces,
 * loop devices. It knows nothing of volumes. Processes are started only here, through {@link
 * dev.berth.host.CommandRunner}.
 */
@NullMarked
package dev.berth.host;

import org.jspecify.annotations.NullMarked;
