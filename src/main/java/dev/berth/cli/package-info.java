/**
 * The {@code berth} command. Only {@code berth serve} boots the service; the others speak {@code
 * /v1} over the socket.
 */
@NullMarked
package dev.berth.cli;

import org.jspecify.annotations.NullMarked;
