package dev.berth.backend.s3;

import dev.berth.testing.RequiresRoot;
import org.junit.jupiter.api.extension.RegisterExtension;

@RequiresRoot
class S3fsBackendTest extends SupervisionContract {
  @RegisterExtension static final S3Bed BED = new S3Bed();

  @Override
  S3Bed bed() {
    return BED;
  }

  @Override
  String client() {
    return "s3fs";
  }
}
