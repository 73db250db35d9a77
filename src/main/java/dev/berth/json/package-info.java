/** How bodies of requests are read, those of Docker's protocol and those of {@code /v1} alike. */
@NullMarked
package dev.berth.json;

import org.jspecify.annotations.NullMarked;
