/** Running Berth: start and stop, checks of the host, health, metrics. Imported by nobody. */
@NullMarked
package dev.berth.ops;

import org.jspecify.annotations.NullMarked;
