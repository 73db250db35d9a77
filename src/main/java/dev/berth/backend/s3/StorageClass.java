package dev.berth.backend.s3;

/** S3's storage classes that can be read without a restore, under S3's own names. */
enum StorageClass {
  STANDARD,
  STANDARD_IA,
  ONEZONE_IA,
  INTELLIGENT_TIERING,
  GLACIER_IR,
  REDUCED_REDUNDANCY
}
