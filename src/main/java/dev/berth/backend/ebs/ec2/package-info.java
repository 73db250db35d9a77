/**
 * What EC2 says and is asked: its calls, its things and states as types, its errors as outcomes,
 * many questions in one request. Nothing outside this package knows the SDK of EC2.
 */
@NullMarked
package dev.berth.backend.ebs.ec2;

import org.jspecify.annotations.NullMarked;
