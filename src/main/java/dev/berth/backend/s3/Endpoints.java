package dev.berth.backend.s3;

import dev.berth.volume.VolumeException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The stores, other than AWS, that this host speaks to. Whoever may create volumes could otherwise
 * make it send its credentials to a server of his own, which sees the key's id and session token,
 * and have it fetch what only this host can reach, and show it in a volume: some clients follow
 * redirects, and cannot be told not to.
 */
final class Endpoints {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /** Instance metadata over IPv6, {@code fd00:ec2::254}, is a link-local service by nature. */
  private static final byte[] METADATA = {(byte) 0xfd, 0, 0x0e, (byte) 0xc2};

  private final Set<String> allowed;
  private final Function<String, Stream<InetAddress>> resolver;

  /**
   * @param resolver from a name to its addresses, none if it is unknown
   */
  Endpoints(S3Config.Store config, Function<String, Stream<InetAddress>> resolver) {
    allowed =
        Stream.concat(
                config.endpoint().map(text -> configured("endpoint", text)).stream(),
                config.endpoints().orElse(List.of()).stream()
                    .map(text -> configured("endpoints", text)))
            .map(Endpoints::canonical)
            .collect(Collectors.toUnmodifiableSet());
    this.resolver = resolver;
  }

  /** What is configured: the one for volumes that name none, and the others. */
  static Endpoints of(S3Config.Store config) {
    return new Endpoints(config, Endpoints::addresses);
  }

  private static URI configured(String setting, String text) {
    try {
      return S3Options.ENDPOINT.parser().apply(text);
    } catch (VolumeException.Invalid e) {
      throw new VolumeException.Invalid("berth.s3.%s: %s".formatted(setting, e.getMessage()), e);
    }
  }

  /**
   * Why this host does not speak to {@code endpoint}; empty if it does. A name that leads to the
   * host itself or to its link is refused even if it is configured, unless it is {@code localhost}:
   * such an address has to be configured as one. May block seconds to resolve a name; one that
   * nobody knows is not refused here.
   */
  Optional<String> refusal(URI endpoint) {
    if (!allowed.contains(canonical(endpoint))) {
      return Optional.of(
          "this host does not speak to the endpoint %s: add it to berth.s3.endpoints, a list of URLs, or give another one"
              .formatted(endpoint));
    }
    String host = bare(endpoint);
    return isAddress(endpoint) || host.equals("localhost")
        ? Optional.empty()
        : resolver
            .apply(host)
            .filter(Endpoints::isOfThisHost)
            .findFirst()
            .map(
                address ->
                    "the endpoint %s leads to %s, which is an address of this host or its link: if that is meant, configure it by its address"
                        .formatted(endpoint, address.getHostAddress()));
  }

  private static String canonical(URI endpoint) {
    boolean https = endpoint.getScheme().equals("https");
    int port = endpoint.getPort() >= 0 ? endpoint.getPort() : https ? HTTPS : HTTP;
    return "%s://%s:%d".formatted(endpoint.getScheme(), bare(endpoint), port);
  }

  private static String bare(URI endpoint) {
    return endpoint.getHost().toLowerCase(Locale.ROOT);
  }

  private static boolean isAddress(URI endpoint) {
    try {
      return InetAddress.ofLiteral(bare(endpoint).replaceAll("[\\[\\]]", "")) != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Stream<InetAddress> addresses(String host) {
    try {
      return Arrays.stream(InetAddress.getAllByName(host));
    } catch (UnknownHostException e) {
      return Stream.empty();
    }
  }

  private static boolean isOfThisHost(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isAnyLocalAddress()
        || Arrays.equals(Arrays.copyOf(bytes, METADATA.length), METADATA);
  }
}
