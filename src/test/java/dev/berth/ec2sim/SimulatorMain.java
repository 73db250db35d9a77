package dev.berth.ec2sim;

import java.nio.file.Path;
import java.util.List;

/**
 * A simulator as a process of its own: {@code java -cp target/test-classes
 * dev.berth.ec2sim.SimulatorMain DIRECTORY [PORT]}. It says on its first line where it listens, and
 * runs until it is ended; {@link Control} commands go to {@code /control}.
 */
public final class SimulatorMain {
  private SimulatorMain() {}

  /** Ends with status 2 if the arguments are not a directory and, perhaps, a port. */
  public static void main(String[] args) {
    List<String> words = List.of(args);
    if (words.isEmpty() || words.size() > 2) {
      System.err.println("usage: SimulatorMain DIRECTORY [PORT]");
      System.exit(2);
    }
    int port = words.size() == 2 ? Integer.parseInt(words.get(1)) : 0;
    Ec2Simulator simulator = Ec2Simulator.withDevices(Path.of(words.getFirst()), port);
    simulator.control();
    Runtime.getRuntime().addShutdownHook(new Thread(simulator::close));
    System.out.println(simulator.endpoint());
  }
}
