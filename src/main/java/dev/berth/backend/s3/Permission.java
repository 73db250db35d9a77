package dev.berth.backend.s3;

/** What the credentials of a volume must allow, each on the bucket or on the objects in it. */
enum Permission {
  LIST("s3:ListBucket", false),
  PUT("s3:PutObject", true),
  DELETE("s3:DeleteObject", true),
  LIST_VERSIONS("s3:ListBucketVersions", false),
  DELETE_VERSION("s3:DeleteObjectVersion", true),
  LIST_UPLOADS("s3:ListBucketMultipartUploads", false),
  ABORT_UPLOAD("s3:AbortMultipartUpload", true),
  CREATE_BUCKET("s3:CreateBucket", false),
  DELETE_BUCKET("s3:DeleteBucket", false),
  GET_TAGS("s3:GetBucketTagging", false),
  PUT_TAGS("s3:PutBucketTagging", false),
  PUT_ENCRYPTION("s3:PutEncryptionConfiguration", false),
  BLOCK_PUBLIC_ACCESS("s3:PutBucketPublicAccessBlock", false);

  private final String action;
  private final boolean onObjects;

  Permission(String action, boolean onObjects) {
    this.action = action;
    this.onObjects = onObjects;
  }

  /** For people: {@code s3:PutObject on arn:aws:s3:::bucket/prefix/*}. */
  String on(S3Target target) {
    Location location = target.location();
    String resource =
        onObjects ? location.bucket() + "/" + location.prefix() + "*" : location.bucket();
    return action + " on " + target.store().arn(resource);
  }
}
