/**
 * Full and broken hosts: each fault gives a clear error, leaves nothing half-made, and what failed
 * works when its cause is gone.
 */
package dev.berth.fault;
