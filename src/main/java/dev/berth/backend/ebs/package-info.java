/**
 * Block volumes on Amazon EBS: what options they have, and how they are made, attached, grown,
 * copied and deleted. What EC2 says is in {@code ec2}, the disks of this host are in {@code
 * device}; nothing of the SDK is loaded before the first volume needs it.
 */
@NullMarked
package dev.berth.backend.ebs;

import org.jspecify.annotations.NullMarked;
