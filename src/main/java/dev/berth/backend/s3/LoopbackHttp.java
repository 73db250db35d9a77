package dev.berth.backend.s3;

import dev.berth.host.TcpPeer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/**
 * Just enough of HTTP for one question, GET, and one answer a connection. Who is at the other end
 * is found out before anything is read: of other users than its own it reads nothing. A question
 * has two seconds, and a few kilobytes, to arrive; of more connections than 64 the others wait.
 */
final class LoopbackHttp implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(LoopbackHttp.class);
  private static final int CONNECTIONS = 64;
  private static final int LARGEST_QUESTION = 8192;
  private static final Duration QUESTION = Duration.ofSeconds(2);
  private static final Duration NO_DESCRIPTORS = Duration.ofMillis(100);
  private static final Duration END_OF_ACCEPTING = Duration.ofSeconds(5);
  private static final String END = "\r\n\r\n";
  private static final String AUTHORIZATION = "authorization:";

  private final ServerSocket socket;
  private final Service service;
  private final Thread accepting;
  private final Semaphore free = new Semaphore(CONNECTIONS);
  private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();

  /** What is asked for, with the header Authorization, empty if there is none. */
  record Question(String path, String authorization) {}

  /** A status and a body in JSON. */
  record Answer(int status, String body) {}

  /** What is served. */
  interface Service {
    /** Called by several threads at once. */
    Answer answer(Question question, TcpPeer asker);
  }

  /** Serves at a socket that listens, until it is closed. */
  LoopbackHttp(ServerSocket socket, Service service) {
    this.socket = socket;
    this.service = service;
    accepting = Thread.ofVirtual().name("credentials").start(this::accept);
  }

  int port() {
    return socket.getLocalPort();
  }

  private void accept() {
    while (!socket.isClosed()) {
      free.acquireUninterruptibly();
      try {
        Socket connection = socket.accept();
        workers.execute(() -> serve(connection));
      } catch (IOException e) {
        free.release();
        // All descriptors of this process may be taken, which passes.
        LockSupport.parkNanos(NO_DESCRIPTORS.toNanos());
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      Optional<TcpPeer> asker = TcpPeer.of(connection).filter(TcpPeer::isOfOwnUser);
      if (asker.isPresent()) {
        Answer answer =
            question(read(connection))
                .map(question -> service.answer(question, asker.get()))
                .orElseGet(() -> new Answer(400, "{}"));
        connection.getOutputStream().write(bytes(answer));
      }
    } catch (IOException | RuntimeException e) {
      LOG.debugf(e, "a question on port %d was not answered", port());
    } finally {
      free.release();
    }
  }

  private static String read(Socket connection) throws IOException {
    long end = System.nanoTime() + QUESTION.toNanos();
    InputStream in = connection.getInputStream();
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    byte[] piece = new byte[LARGEST_QUESTION];
    while (!head.toString(StandardCharsets.ISO_8859_1).contains(END)) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0 || head.size() > LARGEST_QUESTION) {
        throw new SocketTimeoutException("the question does not end");
      }
      connection.setSoTimeout(Math.toIntExact(left));
      int length = in.read(piece);
      if (length < 0) {
        break;
      }
      head.write(piece, 0, length);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /** Empty if that is no question that is answered here. */
  private static Optional<Question> question(String head) {
    List<String> lines = head.lines().toList();
    String[] first = lines.isEmpty() ? new String[0] : lines.getFirst().split(" ", -1);
    if (first.length != 3 || !first[0].equals("GET") || !head.contains(END)) {
      return Optional.empty();
    }
    String authorization =
        lines.stream()
            .filter(line -> line.regionMatches(true, 0, AUTHORIZATION, 0, AUTHORIZATION.length()))
            .findFirst()
            .map(line -> line.substring(AUTHORIZATION.length()).strip())
            .orElse("");
    return Optional.of(new Question(first[1], authorization));
  }

  private static byte[] bytes(Answer answer) {
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            .formatted(answer.status(), answer.status() == 200 ? "OK" : "Refused", body.length);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
    whole.writeBytes(body);
    return whole.toByteArray();
  }

  /** When this returns, somebody else may have the port. */
  @Override
  public void close() {
    try {
      socket.close();
      accepting.join(END_OF_ACCEPTING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.debugf(e, "port %d does not close", port());
    }
    workers.shutdownNow();
  }
}
