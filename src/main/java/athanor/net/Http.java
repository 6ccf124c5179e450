package athanor.net;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Sends requests. Redirects are followed here, hop by hop, so that a credential reaches only its
 * own origins and a redirect never leads somewhere forbidden. HTTP/1.1 only; nothing is compressed.
 * Thread-safe.
 */
public final class Http implements AutoCloseable {
  private static final int MOST_HOPS = 10;
  private static final int PROXY_WANTS_LOGIN = 407;
  private static final String AGENT = "athanor/0.1 (Java " + Runtime.version().feature() + ")";

  static {
    // The Java machine reads these once. 16 KiB, the default, halve the speed on a fast line.
    setUnlessSet("jdk.httpclient.bufsize", Integer.toString(256 << 10));
    // By default no password is sent to a proxy that tunnels, whatever the user has given.
    setUnlessSet("jdk.http.auth.tunneling.disabledSchemes", "");
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  private final HttpSettings settings;
  private final HttpClient client;
  private final AddressRules rules;
  private final StallWatchdog watchdog;

  private Http(HttpSettings settings, HttpClient client, AddressRules rules) {
    this.settings = settings;
    this.client = client;
    this.rules = rules;
    this.watchdog = new StallWatchdog(settings.timeouts().stall());
  }

  /** Opens a pool of connections; close it to end them. */
  public static Http open(HttpSettings settings) {
    return open(settings, new AddressRules());
  }

  static Http open(HttpSettings settings, AddressRules rules) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.timeouts().connect())
            .proxy(settings.proxies());
    Authenticator logins = EnvironmentProxies.logins(settings.proxies());
    if (logins != null) {
      builder.authenticator(logins);
    }
    settings.tls().ifPresent(builder::sslContext);
    return new Http(settings, builder.build(), rules);
  }

  /** How patient and greedy this is. */
  public HttpSettings settings() {
    return settings;
  }

  /**
   * One attempt, redirects followed.
   *
   * @return the answer, whatever its status
   * @throws IOException if there is none
   * @throws athanor.error.AthanorException of kind NETWORK if a redirect may not be followed or a
   *     name of the internet leads into a private network now, of kind CANCELLED if the work was
   *     cancelled meanwhile
   */
  public Reply send(Call call, Cancellation cancellation) throws IOException {
    URI at = call.address();
    for (int hop = 0; hop <= MOST_HOPS; hop++) {
      Reply reply = once(call, at, cancellation);
      if (!reply.isRedirect()) {
        return reply;
      }
      boolean keepsContent = reply.status() >= 307 || call.content().isEmpty();
      try {
        if (!keepsContent || !call.follow().test(reply.location())) {
          return reply;
        }
        at = target(reply);
      } catch (AthanorException e) {
        reply.close();
        throw e;
      }
      reply.close();
    }
    throw Problem.of(Kind.NETWORK, "the link leads in circles")
        .at(Url.shown(call.address()))
        .found("more than " + MOST_HOPS + " redirects")
        .help("open the link in a browser and check where it leads")
        .toException();
  }

  /**
   * Where a redirect that was not followed leads, if it may be followed.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if it is no web address, or leads from
   *     an encrypted to an open connection or from the internet into a private network
   */
  public URI target(Reply redirect) {
    URI target = redirect.location();
    requireAllowed(redirect.call().address(), target);
    return target;
  }

  /**
   * Returns if an address that one server gave us may be used: never from an encrypted to an open
   * connection, never from the internet into a private network.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if not
   */
  public void requireAllowed(URI giver, URI given) {
    rules.check(giver, given, isProxied(given));
  }

  /**
   * From now on this host has to be public, in every request of this pool: for an address that the
   * user did not give.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it is not, or the address is not
   *     encrypted; nothing was sent then
   */
  public void requirePublic(URI address) {
    rules.requirePublic(address, isProxied(address));
  }

  private boolean isProxied(URI address) {
    return EnvironmentProxies.describe(settings.proxies(), address).isPresent();
  }

  /**
   * As many attempts as the settings allow.
   *
   * @param explain turns the last refusal into a problem when the server stays busy
   * @return an answer whose status is final: success, redirect not followed, or a refusal that
   *     trying again would not change
   * @throws athanor.error.AthanorException of kind NETWORK if there is no such answer
   */
  public Reply fetch(Call call, Function<Refusal, Problem> explain, Cancellation cancellation) {
    var backoff = new Backoff(settings, cancellation);
    while (true) {
      try {
        Reply reply = send(call, cancellation);
        if (!Refusal.isTransient(reply.status())) {
          return reply;
        }
        Refusal refusal = reply.refusal();
        backoff.failed(refusal, explain.apply(refusal));
      } catch (IOException e) {
        backoff.failed(call.address(), e);
      }
    }
  }

  /**
   * The JSON answer to a call.
   *
   * @param explain turns a refusal into a problem
   * @throws athanor.error.AthanorException of kind NETWORK if the server refuses, does not answer,
   *     or answers with something else
   */
  public Json json(Call call, Function<Refusal, Problem> explain, Cancellation cancellation) {
    var backoff = new Backoff(settings, cancellation);
    Call asking =
        call.headers().containsKey("Accept") ? call : call.with("Accept", "application/json");
    while (true) {
      try (Reply reply = fetch(asking, explain, cancellation)) {
        if (!reply.isSuccess()) {
          throw explain.apply(reply.refusal()).toException();
        }
        byte[] body = reply.bytes((32 << 20) + 1);
        if (body.length > 32 << 20 || isMarkup(body)) {
          throw notJson(reply, body).toException();
        }
        return Json.parse(body);
      } catch (IOException e) {
        backoff.failed(call.address(), e);
      }
    }
  }

  private static boolean isMarkup(byte[] body) {
    return body.length > 0 && body[0] == '<';
  }

  private static Problem notJson(Reply reply, byte[] body) {
    int length = Math.min(body.length, 64 << 10);
    String start = new String(body, 0, length, StandardCharsets.UTF_8);
    return Problem.of(Kind.NETWORK, "the server answered with a web page instead of data")
        .at(Url.shown(reply.address()))
        .found(Refusal.title(start).map(title -> "\"" + title + "\"").orElse("a page"))
        .help("check the link and, if you have set one, the endpoint in the environment");
  }

  private Reply once(Call call, URI address, Cancellation cancellation) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .header("User-Agent", AGENT)
            .header("Accept-Encoding", "identity");
    Duration patience = call.patience().orElse(settings.timeouts().headers());
    Optional<Outgoing> outgoing = body(call, request, patience);
    call.headers().forEach(request::header);
    Origin origin = Origin.of(address);
    call.credentials().stream()
        .filter(credential -> credential.covers(origin))
        .findFirst()
        .ifPresent(credential -> request.header("Authorization", credential.header()));
    boolean proxied = isProxied(address);
    rules.admit(address, proxied);
    HttpResponse<InputStream> response = await(request.build(), outgoing, patience, cancellation);
    admitAnswer(address, proxied, response);
    if (response.statusCode() == PROXY_WANTS_LOGIN) {
      // There may be no body then, not even an empty one.
      throw PermanentFailure.login(settings.proxies(), address).toException();
    }
    InputStream body = watchdog.over(response.body(), origin.host(), cancellation);
    return new Reply(
        call,
        address,
        response.statusCode(),
        response.headers(),
        body,
        settings.timeouts().answer());
  }

  /** The name may have got another address between the look at it and the connection. */
  private void admitAnswer(URI address, boolean proxied, HttpResponse<InputStream> response)
      throws IOException {
    try {
      rules.admit(address, proxied);
    } catch (AthanorException e) {
      response.body().close();
      throw e;
    }
  }

  /** Sets method and body; a file on its way is watched, all else has a time limit. */
  private static Optional<Outgoing> body(
      Call call, HttpRequest.Builder request, Duration patience) {
    return switch (call.content().orElse(null)) {
      case null -> {
        request.timeout(patience);
        if (call.method().equals("HEAD")) {
          request.HEAD();
        }
        yield Optional.empty();
      }
      case Content.Text text -> {
        request
            .timeout(patience)
            .header("Content-Type", text.type())
            .method(call.method(), BodyPublishers.ofString(text.text()));
        yield Optional.empty();
      }
      case Content.Slice slice -> {
        var outgoing = new Outgoing(slice);
        request.method(call.method(), outgoing.publisher());
        yield Optional.of(outgoing);
      }
    };
  }

  private HttpResponse<InputStream> await(
      HttpRequest request,
      Optional<Outgoing> outgoing,
      Duration patience,
      Cancellation cancellation)
      throws IOException {
    CompletableFuture<HttpResponse<InputStream>> answer =
        client.sendAsync(request, BodyHandlers.ofInputStream());
    while (true) {
      try {
        return answer.get(100, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (cancellation.isRequested()) {
          answer.cancel(true);
          cancellation.check();
        }
        if (outgoing.isPresent()) {
          requireMotion(outgoing.get(), request, answer, patience);
        }
      } catch (InterruptedException e) {
        answer.cancel(true);
        throw Interruptions.cancelled(e);
      } catch (ExecutionException e) {
        Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
        rethrowProblem(cause);
        throw cause instanceof IOException io ? io : new IOException(message(cause), cause);
      }
    }
  }

  private void requireMotion(
      Outgoing outgoing, HttpRequest request, Future<?> answer, Duration patience)
      throws IOException {
    try {
      String host = request.uri().getHost();
      outgoing.requireMotion(host, settings.timeouts().sending(), patience);
    } catch (IOException e) {
      answer.cancel(true);
      throw e;
    }
  }

  /** What the reader of the outgoing file had to say comes wrapped. */
  private static void rethrowProblem(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof AthanorException problem) {
        throw problem;
      }
    }
  }

  private static String message(Throwable cause) {
    String text = cause.getMessage();
    return text == null ? cause.getClass().getSimpleName().toLowerCase(Locale.ROOT) : text;
  }

  @Override
  public void close() {
    watchdog.close();
    client.shutdownNow();
  }
}
