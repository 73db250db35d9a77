package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may call what. All may do all at first. Signatures are not checked, only that there is one
 * for this region.
 */
public final class Access {
  private static final Pattern AUTHORIZATION =
      Pattern.compile(
          "AWS4-HMAC-SHA256 Credential=([^/]+)/[0-9]{8}/([^/]+)/ec2/aws4_request, ?SignedHeaders=[^,]+, ?Signature=[0-9a-f]{64}");

  private final String region;
  private final Set<String> denied = ConcurrentHashMap.newKeySet();
  private volatile Optional<String> accessKey = Optional.empty();

  Access(String region) {
    this.region = region;
  }

  /** Makes {@code action} an {@code UnauthorizedOperation}; {@link Fault#ANY} means all. */
  public void deny(String action) {
    denied.add(action);
  }

  /** Takes {@link #deny} back. */
  public void allow(String action) {
    denied.remove(action);
  }

  /** Requests signed with any other access key are an {@code AuthFailure} from now on. */
  public void only(String key) {
    accessKey = Optional.of(key);
  }

  void authenticate(Optional<String> authorization) {
    Matcher header = AUTHORIZATION.matcher(authorization.orElse(""));
    if (!header.matches()
        || !header.group(2).equals(region)
        || accessKey.filter(key -> !key.equals(header.group(1))).isPresent()) {
      throw new Ec2Error(
          "AuthFailure", "AWS was not able to validate the provided access credentials");
    }
  }

  void authorize(String action) {
    if (denied.contains(action) || denied.contains(Fault.ANY)) {
      throw new Ec2Error(
          "UnauthorizedOperation",
          "You are not authorized to perform this operation. User is not authorized to perform:"
              + " ec2:"
              + action);
    }
  }
}
