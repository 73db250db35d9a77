/** The ledger of one host, in an SQLite file. */
@NullMarked
package dev.berth.ledger.sqlite;

import org.jspecify.annotations.NullMarked;
