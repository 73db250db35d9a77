package dev.berth.backend;

import dev.berth.volume.ByteSize;
import dev.berth.volume.VolumeException;
import org.eclipse.microprofile.config.spi.Converter;

/** Reads a size from the configuration as users write it for the option {@code size}. */
public final class SizeConverter implements Converter<ByteSize> {
  private static final long serialVersionUID = 1L;

  @Override
  public ByteSize convert(String value) {
    try {
      return ByteSize.parse(value);
    } catch (VolumeException.Invalid e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
