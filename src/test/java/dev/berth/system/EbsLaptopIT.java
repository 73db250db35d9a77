package dev.berth.system;

import dev.berth.testing.EmulatedCloud;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import org.junit.jupiter.api.extension.RegisterExtension;

@RequiresSystem
class EbsLaptopIT extends EbsLaptopStory {
  private static final EmulatedCloud CLOUD = EmulatedCloud.localStack();
  @RegisterExtension static final TestBed BED = bed(CLOUD);

  EbsLaptopIT() {
    super(CLOUD, BED);
  }
}
