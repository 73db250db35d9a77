/**
 * Block volumes on Amazon EBS. {@link dev.berth.backend.ebs.Ec2Calls}, with its {@code Ec2Models},
 * is the only class that sees EC2's own types, and {@link dev.berth.backend.ebs.Ec2Errors} the only
 * one that reads its error codes; nothing of the SDK is loaded before the first volume needs it.
 */
@NullMarked
package dev.berth.backend.ebs;

import org.jspecify.annotations.NullMarked;
