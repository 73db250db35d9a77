/**
 * Everything that a volume's file may turn out to be though the ledger calls it blank: none of it
 * is ever formatted, whatever else goes wrong.
 */
package dev.berth.corpus;
