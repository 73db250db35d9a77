/**
 * Volumes in S3: a bucket, or a prefix of its own in one, mounted by a FUSE client that is started,
 * watched, replaced and stopped here. Start reading at {@link dev.berth.backend.s3.S3Backend}; what
 * is asked of S3 itself is in {@link dev.berth.backend.s3.Preflight}, the life of a client in
 * {@link dev.berth.backend.s3.SupervisedMount}.
 */
@NullMarked
package dev.berth.backend.s3;

import org.jspecify.annotations.NullMarked;
