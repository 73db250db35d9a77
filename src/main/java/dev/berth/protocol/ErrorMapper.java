package dev.berth.protocol;

import dev.berth.volume.VolumeException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.UriInfo;
import java.util.Locale;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Writes every error as {@code {"Err": …}}, or as {@code /v1} has it. What Berth itself says comes
 * with status 200, since the engine then shows the text as it is; a request that is wrong in itself
 * gets a 4xx, a defect a 500.
 */
public class ErrorMapper {
  /** A response header that names the kind of error, for whoever counts them. */
  public static final String KIND = "Berth-Error";

  private static final Logger LOG = Logger.getLogger(ErrorMapper.class);
  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int SERVER_ERROR = 500;

  /**
   * What is answered instead of a reply.
   *
   * @param kind goes into the header {@link #KIND}
   */
  record Failure(int status, String kind, String message) {
    /** Logs why a call failed and says how that is answered. */
    static Failure of(Throwable cause) {
      if (cause instanceof VolumeException e) {
        String kind = e.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        LOG.infof("%s: %s", kind, e.getMessage());
        return new Failure(
            e instanceof VolumeException.Invalid ? BAD_REQUEST : OK, kind, e.getMessage());
      }
      LOG.error("a call failed in a way nobody foresaw", cause);
      return new Failure(
          SERVER_ERROR, "defect", "Berth failed in a way nobody foresaw; its log says more");
    }
  }

  @ServerExceptionMapper
  RestResponse<Wire.Reply> refused(VolumeException e, UriInfo uri) {
    return reply(uri, Failure.of(e));
  }

  @ServerExceptionMapper
  RestResponse<Wire.Reply> noSuchCall(WebApplicationException e, UriInfo uri) {
    int status = e.getResponse().getStatus();
    return reply(uri, new Failure(status, "nosuchcall", "no such call: " + e.getMessage()));
  }

  @ServerExceptionMapper
  RestResponse<Wire.Reply> defect(Throwable e, UriInfo uri) {
    return reply(uri, Failure.of(e));
  }

  private static RestResponse<Wire.Reply> reply(UriInfo uri, Failure failure) {
    return ResponseBuilder.<Wire.Reply>create(failure.status())
        .entity(Wire.refusal(uri.getPath(), failure.message()))
        .header(KIND, failure.kind())
        .type(Wire.MEDIA_TYPE)
        .build();
  }
}
