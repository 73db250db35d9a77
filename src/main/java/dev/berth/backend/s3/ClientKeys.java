package dev.berth.backend.s3;

import java.net.URI;
import java.util.Optional;

/** How a client comes to its credentials. Texts of these never show them. */
sealed interface ClientKeys {
  /** It asks Berth for them, again and again, as a container asks its host. */
  record Endpoint(URI uri, String token) implements ClientKeys {
    @Override
    public String toString() {
      return "credentials endpoint on port " + uri.getPort();
    }
  }

  /** It gets them when it starts; {@code sessionToken} is there if they expire. */
  record Fixed(String accessKeyId, String secretAccessKey, Optional<String> sessionToken)
      implements ClientKeys {
    @Override
    public String toString() {
      return "keys";
    }
  }
}
