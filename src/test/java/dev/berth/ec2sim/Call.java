package dev.berth.ec2sim;

import dev.berth.ec2sim.query.Query;
import dev.berth.ec2sim.query.Xml;

/** One action of the API. */
interface Call {
  /** Reads the request and refuses what the service would refuse; changes nothing. */
  Effect prepare(Query query);

  /** Does what was asked for, and answers. */
  interface Effect {
    Xml apply();
  }
}
