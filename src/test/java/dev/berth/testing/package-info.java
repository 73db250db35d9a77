/**
 * What tests are made of: Berth and an engine as processes, clients for the wire, tools that are
 * slow or fail, a stop at any step, and the search for what is left on the host.
 */
package dev.berth.testing;
