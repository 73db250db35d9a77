package dev.berth.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.berth.admin.AdminWire.ErrorView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.ParseException;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.jspecify.annotations.Nullable;

/** Speaks {@code /v1} over Berth's socket. */
final class BerthClient {
  static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final int FIRST_ERROR = 400;
  private final Path socket;

  BerthClient(Path socket) {
    this.socket = socket;
  }

  /** Berth did what it could and says no. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  /** Nobody answers at the socket. */
  static final class Unreachable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreachable(Path socket, IOException cause) {
      super(
          "Berth does not answer at %s (%s). Is 'berth serve' running, and are you root? --socket or BERTH_SOCKET names another socket"
              .formatted(socket, cause.getMessage()),
          cause);
    }
  }

  <T> T get(String path, Class<T> type) {
    return read(send("GET", path, null), type);
  }

  <T> List<T> list(String path, Class<T> element) {
    try {
      return JSON.readerForListOf(element).readValue(send("GET", path, null));
    } catch (JsonProcessingException e) {
      throw new Refused(
          "Berth answered something else than was expected: " + e.getOriginalMessage());
    }
  }

  <T> T post(String path, Object body, Class<T> type) {
    try {
      return read(send("POST", path, JSON.writeValueAsString(body)), type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  void delete(String path) {
    send("DELETE", path, null);
  }

  private static <T> T read(String text, Class<T> type) {
    try {
      return JSON.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new Refused(
          "Berth answered something else than was expected: " + e.getOriginalMessage());
    }
  }

  private String send(String method, String path, @Nullable String body) {
    HttpUriRequestBase request =
        new HttpUriRequestBase(method, java.net.URI.create("http://berth/v1/" + path));
    request.setConfig(RequestConfig.custom().setUnixDomainSocket(socket).build());
    if (body != null) {
      request.setEntity(new StringEntity(body, ContentType.APPLICATION_JSON));
    }
    try (CloseableHttpClient client =
        HttpClients.custom().disableAutomaticRetries().disableContentCompression().build()) {
      return client.execute(request, BerthClient::text);
    } catch (IOException e) {
      throw new Unreachable(socket, e);
    }
  }

  private static String text(ClassicHttpResponse response) throws IOException, ParseException {
    HttpEntity entity = response.getEntity();
    String text = entity == null ? "" : EntityUtils.toString(entity);
    if (response.getCode() >= FIRST_ERROR) {
      throw new Refused(
          text.startsWith("{")
              ? read(text, ErrorView.class).error()
              : "HTTP " + response.getCode());
    }
    return text;
  }
}
