/** The EC2 query protocol: forms in, XML out, errors as the service words them. */
@NullMarked
package dev.berth.ec2sim.query;

import org.jspecify.annotations.NullMarked;
