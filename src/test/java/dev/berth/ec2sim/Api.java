package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Ec2Error;
import dev.berth.ec2sim.query.Query;
import dev.berth.ec2sim.query.Xml;
import java.util.Map;

/** All actions by name, each done as a whole under the lock of the world. */
final class Api {
  private final World world;
  private final Access access;
  private final Map<String, Call> calls;

  Api(World world, Access access, Map<String, Call> calls) {
    this.world = world;
    this.access = access;
    this.calls = calls;
  }

  void checkKnown(String action) {
    if (!calls.containsKey(action)) {
      throw new Ec2Error(
          "InvalidAction", "The action %s is not valid for this web service.".formatted(action));
    }
  }

  /** Does what the query asks for; a refused one changes nothing. */
  Xml call(Query query) {
    String action = query.action();
    Call call = calls.get(action);
    if (call == null) {
      throw new IllegalStateException(action);
    }
    access.authorize(action);
    return world.locked(
        () -> {
          boolean dryRun = query.flag("DryRun");
          Call.Effect effect = call.prepare(query);
          query.end();
          if (dryRun) {
            throw new Ec2Error(
                "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
          }
          return effect.apply();
        });
  }
}
