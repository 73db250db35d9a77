package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Query;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** What is to go wrong. A call meets the first fault that means it. */
final class Faults {
  private final List<Fault> faults = new CopyOnWriteArrayList<>();

  Fault add(String action, Fault.Kind kind) {
    Fault fault = new Fault(action, kind);
    faults.add(fault);
    return fault;
  }

  void clear() {
    faults.clear();
  }

  Optional<Fault.Kind> next(String action, Query query) {
    return faults.stream().filter(fault -> fault.meets(action, query)).findFirst().map(Fault::kind);
  }
}
