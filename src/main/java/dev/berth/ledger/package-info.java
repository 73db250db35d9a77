/**
 * The table of volumes and claims: what every implementation has to do. Imports only the
 * vocabulary.
 */
@NullMarked
package dev.berth.ledger;

import org.jspecify.annotations.NullMarked;
