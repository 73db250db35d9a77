package dev.berth.backend.ebs.ec2;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What EC2 says of types of instances, asked for once each. */
public final class InstanceTypes {
  private final Ec2Calls ec2;
  private final Map<String, InstanceType> known = new ConcurrentHashMap<>();

  public InstanceTypes(Ec2Calls ec2) {
    this.ec2 = ec2;
  }

  /** Empty if EC2 does not say how many volumes it holds. */
  public Optional<InstanceType> find(String name, Deadline deadline) {
    Optional<InstanceType> found =
        Optional.ofNullable(known.get(name)).or(() -> ec2.describeInstanceType(name, deadline));
    found.ifPresent(type -> known.put(name, type));
    return found;
  }
}
