/** Block volumes in sparse files of this host, attached as loop devices. Needs no cloud. */
@NullMarked
package dev.berth.backend.loop;

import org.jspecify.annotations.NullMarked;
