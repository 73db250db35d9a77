package dev.berth.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testing.BedOptions;
import dev.berth.testing.EmulatedCloud;
import dev.berth.testing.Images;
import dev.berth.testing.Output;
import dev.berth.testing.Readme;
import dev.berth.testing.RequiresSystem;
import dev.berth.testing.TestBed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The README's story of S3 on a laptop, command by command; only the port is another one. */
@RequiresSystem
class S3LaptopIT {
  private static final Readme STORY = Readme.section("S3 on a laptop");
  private static final EmulatedCloud CLOUD = EmulatedCloud.localStack();

  @RegisterExtension static final TestBed BED = new TestBed(options());

  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static BedOptions options() {
    BedOptions options = BedOptions.withEngine().named("berth").in(CLOUD);
    for (Map.Entry<String, String> variable : STORY.exports().entrySet()) {
      options = options.with(variable.getKey(), here(variable.getValue()));
    }
    return options;
  }

  private static String here(String text) {
    return text.replace("http://127.0.0.1:4566", CLOUD.endpoint().toString());
  }

  @Test
  void theStoryOfTheReadmeWorks() {
    BED.engine().docker("tag", Images.PLAIN, "busybox");
    assertThat(STORY.commands()).contains("deploy/localstack/start.sh", "make run");
    List<String> said = new ArrayList<>();
    for (String command : STORY.from("docker ")) {
      Output output = BED.engine().shell(here(command), LIMIT).orFail();
      System.out.printf("$ %s%n%s%n", command, output.text());
      said.add(output.text());
    }
    assertThat(said).contains("hello");
    assertThat(said).anyMatch(text -> text.contains("\"clientState\": \"healthy\""));
    assertThat(said).anyMatch(text -> text.contains("<Key>x</Key>"));
    assertThat(BED.client().names()).doesNotContain("photos");
  }
}
