/**
 * The {@code /v1} JSON API for operators, on the same socket as Docker's protocol; the CLI speaks
 * it.
 */
@NullMarked
package dev.berth.admin;

import org.jspecify.annotations.NullMarked;
