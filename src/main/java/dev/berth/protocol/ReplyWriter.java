package dev.berth.protocol;

import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyWriter;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/**
 * Writes an answer in one piece, with its length: half an answer to Get would make the engine drop
 * its record.
 */
@Provider
public class ReplyWriter implements ServerMessageBodyWriter<Wire.Reply> {
  private static final ObjectWriter WRITER = JsonMapper.builder().build().writer();

  @Override
  public boolean isWriteable(
      Class<?> type, Type genericType, ResteasyReactiveResourceInfo target, MediaType mediaType) {
    return Wire.Reply.class.isAssignableFrom(type);
  }

  @Override
  public boolean isWriteable(
      Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
    return Wire.Reply.class.isAssignableFrom(type);
  }

  @Override
  public void writeResponse(Wire.Reply reply, Type genericType, ServerRequestContext context)
      throws IOException {
    context.serverResponse().end(bytes(reply));
  }

  @Override
  public void writeTo(
      Wire.Reply reply,
      Class<?> type,
      Type genericType,
      Annotation[] annotations,
      MediaType mediaType,
      MultivaluedMap<String, Object> headers,
      OutputStream stream)
      throws IOException {
    stream.write(bytes(reply));
  }

  static byte[] bytes(Wire.Reply reply) throws IOException {
    return WRITER.writeValueAsBytes(reply);
  }
}
