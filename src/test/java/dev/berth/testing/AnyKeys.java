package dev.berth.testing;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** AWS keys for a cloud that takes any, for the tests of a class. */
public final class AnyKeys implements BeforeAllCallback, AfterAllCallback {
  private static final List<String> PROPERTIES = List.of("aws.accessKeyId", "aws.secretAccessKey");

  @Override
  public void beforeAll(ExtensionContext context) {
    PROPERTIES.forEach(property -> System.setProperty(property, "test"));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    PROPERTIES.forEach(System::clearProperty);
  }
}
