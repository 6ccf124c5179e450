package athanor.testkit.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Storage behind signed addresses, as S3 and R2 are: refuses HEAD and every request with a
 * credential, understands ranges and {@code If-Range}, expires an address when told to. Faults wait
 * in a queue, one per request.
 */
public final class FakeStorage extends FakeServer {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");

  private final Map<String, Blob> blobs = new ConcurrentHashMap<>();
  private final Deque<Fault> faults = new ArrayDeque<>();
  private final AtomicInteger signature = new AtomicInteger();
  private final AtomicInteger concurrent = new AtomicInteger();
  private final AtomicInteger mostConcurrent = new AtomicInteger();
  private volatile int validFrom;
  private volatile @Nullable String disposition;

  /** A way to fail; returns true if it has answered the request. */
  public interface Fault {
    /**
     * Fails a request for bytes {@code [from, to)} of a blob, or only spoils the answer's headers.
     */
    boolean fail(HttpExchange exchange, Blob blob, long from, long to, boolean ranged)
        throws IOException;
  }

  /** Starts it. */
  public FakeStorage() {
    this(Optional.empty());
  }

  /** Starts it, spoken to over TLS if a certificate is given. */
  public FakeStorage(Optional<TestCertificate> certificate) {
    super(certificate);
    handle("/cdn/", this::answer);
    handle("/put/", (exchange, body) -> xml(exchange, 405, "MethodNotAllowed", "Only PUT"));
  }

  /** Keeps a blob. */
  public void put(Blob blob) {
    blobs.put(blob.sha256(), blob);
  }

  /** A signed address of a blob; its query has characters that must survive bytewise. */
  public URI sign(Blob blob) {
    return URI.create(
        address()
            + "/cdn/"
            + blob.sha256()
            + "?X-Amz-Signature=ab%2Bc~d%7Ee+f&X-Amz-Expires=60&n="
            + signature.incrementAndGet());
  }

  /** Everything signed so far is refused from now on. */
  public void expireAll() {
    validFrom = signature.get() + 1;
  }

  /** The next so many requests fail in this way. */
  public void fail(int times, Fault fault) {
    synchronized (faults) {
      for (int i = 0; i < times; i++) {
        faults.add(fault);
      }
    }
  }

  /** Every answer has this {@code Content-Disposition}. */
  public void disposition(String header) {
    disposition = header;
  }

  /** Most requests that were answered at the same time. */
  public int mostConcurrent() {
    return mostConcurrent.get();
  }

  private void answer(HttpExchange exchange, byte[] body) throws IOException {
    mostConcurrent.accumulateAndGet(concurrent.incrementAndGet(), Math::max);
    try {
      serve(exchange);
    } finally {
      concurrent.decrementAndGet();
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    Headers asked = exchange.getRequestHeaders();
    URI target = exchange.getRequestURI();
    if (asked.containsKey("Authorization") || asked.containsKey("Cookie")) {
      xml(exchange, 400, "InvalidRequest", "Missing x-amz-content-sha256");
      return;
    }
    boolean intact = target.getRawQuery().startsWith("X-Amz-Signature=ab%2Bc~d%7Ee+f&");
    if (!exchange.getRequestMethod().equals("GET") || !intact) {
      xml(exchange, 403, "SignatureDoesNotMatch", "The signature does not match");
      return;
    }
    int number = Integer.parseInt(target.getRawQuery().replaceFirst(".*&n=", ""));
    if (number < validFrom) {
      xml(exchange, 403, "AccessDenied", "Request has expired");
      return;
    }
    Blob blob = blobs.get(target.getPath().substring("/cdn/".length()));
    if (blob == null) {
      xml(exchange, 404, "NoSuchKey", "The key does not exist");
      return;
    }
    serve(exchange, blob);
  }

  private void serve(HttpExchange exchange, Blob blob) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    Matcher matcher = RANGE.matcher(range == null ? "" : range);
    String ifRange = exchange.getRequestHeaders().getFirst("If-Range");
    boolean ranged = matcher.matches() && (ifRange == null || ifRange.equals(etag(blob)));
    long from = ranged ? Long.parseLong(matcher.group(1)) : 0;
    long to = blob.size();
    if (ranged && !matcher.group(2).isEmpty()) {
      to = Math.min(to, Long.parseLong(matcher.group(2)) + 1);
    }
    Headers headers = exchange.getResponseHeaders();
    headers.set("ETag", etag(blob));
    headers.set("Accept-Ranges", "bytes");
    headers.set("Content-Type", "binary/octet-stream");
    if (disposition != null) {
      headers.set("Content-Disposition", disposition);
    }
    Fault fault;
    synchronized (faults) {
      fault = faults.poll();
    }
    if (fault != null && fault.fail(exchange, blob, from, to, ranged)) {
      return;
    }
    if (ranged && from >= blob.size()) {
      headers.set("Content-Range", "bytes */" + blob.size());
      exchange.sendResponseHeaders(416, -1);
      return;
    }
    if (ranged && !headers.containsKey("Content-Range")) {
      headers.set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + blob.size());
    }
    exchange.sendResponseHeaders(ranged ? 206 : 200, to - from == 0 ? -1 : to - from);
    blob.write(exchange.getResponseBody(), from, to);
  }

  /** The validator of a blob. */
  public static String etag(Blob blob) {
    return "\"" + blob.sha256().substring(0, 32) + "\"";
  }

  /** An error as S3 words it. */
  static void xml(HttpExchange exchange, int status, String code, String message)
      throws IOException {
    String body =
        "<?xml version=\"1.0\"?><Error><Code>"
            + code
            + "</Code><Message>"
            + message
            + "</Message></Error>";
    send(exchange, status, "application/xml", body.getBytes(StandardCharsets.UTF_8));
  }
}
