package dev.berth.protocol;

import dev.berth.json.JsonBody;
import dev.berth.volume.MountId;
import dev.berth.volume.VolumeException;
import dev.berth.volume.VolumeName;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads request bodies, and what is in them, as values of Berth. */
final class RequestReader {
  private static final JsonBody<Wire.Request> BODY = new JsonBody<>(Wire.Request.class);

  private RequestReader() {}

  /** A body that is one JSON object; anything else is {@link VolumeException.Invalid}. */
  static Wire.Request read(byte @Nullable [] body) {
    return BODY.read(body);
  }

  static VolumeName name(Wire.Request request) {
    return new VolumeName(request.name() == null ? "" : request.name());
  }

  static MountId id(Wire.Request request) {
    return new MountId(request.id() == null ? "" : request.id());
  }

  static Map<String, String> options(Wire.Request request) {
    Map<String, String> options = new TreeMap<>();
    if (request.opts() != null) {
      request
          .opts()
          .forEach(
              (key, value) -> {
                if (value == null) {
                  throw new VolumeException.Invalid("option '%s' has no value".formatted(key));
                }
                options.put(key, value);
              });
    }
    return options;
  }
}
