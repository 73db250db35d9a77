package dev.berth.backend.s3;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The environment of a client: what it needs to reach the store, and its keys if it has to. */
final class ClientEnvironment {
  private static final String[] PASSED_ON = {
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"
  };

  private ClientEnvironment() {}

  /** Proxies and certificates as this process has them; nothing else of its environment. */
  static Map<String, String> base() {
    Map<String, String> environment = new TreeMap<>();
    Stream.of(PASSED_ON)
        .flatMap(name -> Stream.of(name, name.toLowerCase(Locale.ROOT)))
        .filter(name -> System.getenv(name) != null)
        .forEach(name -> environment.put(name, System.getenv(name)));
    return environment;
  }

  /** The file of certificates that AWS's own tools are told to trust, if they are told. */
  static Optional<String> certificates() {
    return Optional.ofNullable(System.getenv("AWS_CA_BUNDLE"));
  }

  /**
   * The same, with the variables that the AWS SDKs read. The AWS files of this host's users, which
   * some clients would prefer, are not there for them.
   */
  static Map<String, String> with(ClientKeys keys, Path directory) {
    Map<String, String> environment = base();
    String absent = directory.resolve("no-aws-files").toString();
    environment.put("AWS_CONFIG_FILE", absent);
    environment.put("AWS_SHARED_CREDENTIALS_FILE", absent);
    switch (keys) {
      case ClientKeys.Endpoint endpoint -> {
        environment.put("AWS_CONTAINER_CREDENTIALS_FULL_URI", endpoint.uri().toString());
        environment.put("AWS_CONTAINER_AUTHORIZATION_TOKEN", endpoint.token());
      }
      case ClientKeys.Fixed fixed -> {
        environment.put("AWS_ACCESS_KEY_ID", fixed.accessKeyId());
        environment.put("AWS_SECRET_ACCESS_KEY", fixed.secretAccessKey());
        fixed.sessionToken().ifPresent(token -> environment.put("AWS_SESSION_TOKEN", token));
      }
    }
    return environment;
  }
}
