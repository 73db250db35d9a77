package dev.berth.backend.s3;

/** How S3 encrypts what is written, under S3's own names. */
enum Encryption {
  AES256("AES256"),
  KMS("aws:kms"),
  KMS_DSSE("aws:kms:dsse");

  private final String word;

  Encryption(String word) {
    this.word = word;
  }

  String word() {
    return word;
  }
}
