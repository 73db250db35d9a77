package dev.berth.backend.ebs.ec2;

/** What a call that EC2 did not carry out has led to, whatever the error code. */
public enum Outcome {
  /** The volume, snapshot, instance or modification is not there. */
  ABSENT,
  /** The volume is not attached, or not to that instance. */
  NOT_ATTACHED,
  /** It is there, in a state that does not allow the call now. */
  WRONG_STATE,
  /** It is attached, or a volume is being made of it. */
  IN_USE,
  /** The device name is taken on the instance. */
  NAME_TAKEN,
  /** The instance cannot hold one more. */
  ATTACHMENT_LIMIT,
  /** The account may not have that many, or that much. */
  QUOTA,
  /** The account may not have one more volume; an earlier try may have made it all the same. */
  VOLUME_QUOTA,
  /** The volume was modified too often or too recently. */
  MODIFIED_TOO_OFTEN,
  /** One snapshot of the volume after another, or too many at once. */
  SNAPSHOT_RATE,
  /** The token belongs to another request, or to one that failed. */
  TOKEN_SPENT,
  /** Volume and instance are in different zones. */
  OTHER_ZONE,
  /** There is no room for such a volume in the zone now. */
  NO_CAPACITY,
  /** The request can never succeed. */
  INVALID,
  /** The credentials do not allow it, or there are none. */
  DENIED,
  /** EC2 would have done it: a dry run succeeded. */
  WOULD_SUCCEED,
  /** Too many calls; certainly not done. */
  THROTTLED,
  /** This cloud does not know the call. */
  UNSUPPORTED,
  /** No time was left to ask, or to wait for the answer to a question. */
  NO_TIME,
  /** Whether it was done is not known. */
  UNCLEAR,
  /** EC2 says no, with a code that is not known here. */
  REFUSED
}
