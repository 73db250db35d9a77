package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What earlier requests with a token were, and what they made. */
final class ClientTokens {
  private static final Duration MEMORY = Duration.ofHours(12);
  private static final int MAX_LENGTH = 64;

  private record Use(Map<String, String> request, String made, Instant time) {}

  private final Clock clock;
  private final Map<String, Use> uses = new HashMap<>();

  ClientTokens(Clock clock) {
    this.clock = clock;
  }

  /**
   * What an earlier, equal request with this token made. Another request, or a thing that is gone
   * since, is {@code IdempotentParameterMismatch}.
   */
  Optional<String> earlier(
      Optional<String> token, Map<String, String> request, Predicate<String> exists) {
    if (token.filter(text -> text.length() > MAX_LENGTH).isPresent()) {
      throw Ec2Error.invalidValue("Client token is longer than %d".formatted(MAX_LENGTH));
    }
    Optional<Use> use =
        token.map(uses::get).filter(found -> found.time().plus(MEMORY).isAfter(clock.instant()));
    use.ifPresent(found -> check(found, request, exists));
    return use.map(Use::made);
  }

  private static void check(Use use, Map<String, String> request, Predicate<String> exists) {
    if (!use.request().equals(request)) {
      throw new Ec2Error(
          "IdempotentParameterMismatch",
          "The client token you have provided was used with other parameters.");
    }
    if (!exists.test(use.made())) {
      throw new Ec2Error(
          "IdempotentParameterMismatch",
          "The client token you have provided is associated with a resource that is already"
              + " deleted. Please use a different client token.");
    }
  }

  void used(Optional<String> token, Map<String, String> request, String made) {
    token.ifPresent(text -> uses.put(text, new Use(request, made, clock.instant())));
  }
}
