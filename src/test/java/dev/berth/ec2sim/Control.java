package dev.berth.ec2sim;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.berth.ec2sim.query.Ec2Error;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a test does with a simulator in another process: one command a request, as words in its
 * body. The answer is text, a line for each thing; status 400 says what was wrong.
 */
final class Control implements HttpHandler {
  private final Ec2Simulator simulator;
  private final List<Fault> faults = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, Function<Words, String>> commands;

  /** The words of a command. */
  private record Words(List<String> all) {
    String at(int index) {
      if (index >= all.size()) {
        throw new IllegalArgumentException("word %d is missing: %s".formatted(index, all));
      }
      return all.get(index);
    }

    String orElse(int index, String other) {
      return index < all.size() ? all.get(index) : other;
    }

    Duration millis(int index) {
      return Duration.ofMillis(Long.parseLong(at(index)));
    }

    String constant(int index) {
      return at(index).toUpperCase(Locale.ROOT).replace('-', '_');
    }
  }

  Control(Ec2Simulator simulator) {
    this.simulator = simulator;
    commands =
        Map.ofEntries(
            Map.entry("run-instance", this::runInstance),
            Map.entry("host-root", words -> simulator.hostRoot(words.at(1)).toString()),
            Map.entry("stop-instance", does(words -> simulator.stopInstance(words.at(1)))),
            Map.entry("start-instance", does(words -> simulator.startInstance(words.at(1)))),
            Map.entry(
                "terminate-instance", does(words -> simulator.terminateInstance(words.at(1)))),
            Map.entry("delay", does(this::setDelay)),
            Map.entry("limit", does(this::setLimit)),
            Map.entry("fail", words -> fault(simulator.fail(words.at(1), words.at(2)), words, 3)),
            Map.entry("drop-before", words -> fault(simulator.dropBefore(words.at(1)), words, 2)),
            Map.entry("drop-after", words -> fault(simulator.dropAfter(words.at(1)), words, 2)),
            Map.entry(
                "late", words -> fault(simulator.delay(words.at(1), words.millis(2)), words, 3)),
            Map.entry(
                "fired",
                words -> String.valueOf(faults.get(Integer.parseInt(words.at(1))).fired())),
            Map.entry("clear-faults", does(words -> simulator.clearFaults())),
            Map.entry("throttle", does(this::throttle)),
            Map.entry("stale", does(words -> simulator.staleDescribes(words.millis(1)))),
            Map.entry("calls", words -> simulator.calls().toString()),
            Map.entry("history", words -> lines(simulator.history().events())),
            Map.entry("volumes", words -> lines(simulator.volumes())),
            Map.entry("snapshots", words -> lines(simulator.snapshots())));
  }

  private static Function<Words, String> does(Consumer<Words> command) {
    return words -> {
      command.accept(words);
      return "";
    };
  }

  private static String lines(Collection<?> things) {
    return things.stream().map(Object::toString).collect(Collectors.joining("\n"));
  }

  private String runInstance(Words words) {
    return simulator.runInstance(words.orElse(1, Ec2Simulator.ZONE), InstanceType.M7I_LARGE);
  }

  private void setDelay(Words words) {
    simulator.set(Delay.valueOf(words.constant(1)), words.millis(2));
  }

  private void setLimit(Words words) {
    simulator.set(Limit.valueOf(words.constant(1)), Integer.parseInt(words.at(2)));
  }

  private void throttle(Words words) {
    simulator.throttle(Double.parseDouble(words.at(1)), Integer.parseInt(words.at(2)));
  }

  /** Its number, for {@code fired}. */
  private String fault(Fault fault, Words words, int times) {
    fault.times(Integer.parseInt(words.orElse(times, "1")));
    synchronized (faults) {
      faults.add(fault);
      return String.valueOf(faults.size() - 1);
    }
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body =
          new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).strip();
      try {
        answer(exchange, 200, run(new Words(List.of(body.split("\\s+", -1)))));
      } catch (Ec2Error | IllegalArgumentException | IndexOutOfBoundsException e) {
        answer(exchange, 400, String.valueOf(e.getMessage()));
      }
    }
  }

  private String run(Words words) {
    Function<Words, String> command = commands.get(words.at(0));
    if (command == null) {
      throw new IllegalArgumentException(
          "unknown command '%s'; there are %s".formatted(words.at(0), commands.keySet()));
    }
    return command.apply(words);
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
