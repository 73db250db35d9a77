package dev.berth.system;

import dev.berth.testing.EmulatedCloud;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import org.junit.jupiter.api.extension.RegisterExtension;

@RequiresSystem
class EbsLaptopMotoIT extends EbsLaptopStory {
  private static final EmulatedCloud CLOUD = EmulatedCloud.moto();
  @RegisterExtension static final TestBed BED = bed(CLOUD);

  EbsLaptopMotoIT() {
    super(CLOUD, BED);
  }
}
