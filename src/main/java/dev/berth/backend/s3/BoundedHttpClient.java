package dev.berth.backend.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * Reads no more of an answer than an honest one has: the SDK keeps all of it in memory, and a store
 * sends what it likes.
 *
 * @param most bytes of an answer; reading on is an {@link SdkClientException}, which no parser of
 *     the SDK takes for its own and which is not tried again
 */
record BoundedHttpClient(SdkHttpClient client, long most) implements SdkHttpClient {
  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    ExecutableHttpRequest prepared = client.prepareRequest(request);
    return new ExecutableHttpRequest() {
      @Override
      public HttpExecuteResponse call() throws IOException {
        return bounded(prepared.call());
      }

      @Override
      public void abort() {
        prepared.abort();
      }
    };
  }

  private HttpExecuteResponse bounded(HttpExecuteResponse response) {
    return response
        .responseBody()
        .map(
            body ->
                HttpExecuteResponse.builder()
                    .response(response.httpResponse())
                    .responseBody(AbortableInputStream.create(new Bounded(body, most), body))
                    .build())
        .orElse(response);
  }

  @Override
  public String clientName() {
    return client.clientName();
  }

  @Override
  public void close() {
    client.close();
  }

  private static final class Bounded extends FilterInputStream {
    private final long most;
    private long left;

    Bounded(InputStream in, long most) {
      super(in);
      this.most = most;
      left = most;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      return read < 0 ? read : counted(1, read);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      return read < 0 ? read : counted(read, read);
    }

    private int counted(int bytes, int result) {
      left -= bytes;
      if (left < 0) {
        throw SdkClientException.create("its answer has more than %d bytes".formatted(most));
      }
      return result;
    }
  }
}
