package athanor.net;

import athanor.error.Kind;
import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLException;

/**
 * Counts failures without progress and waits between them: as long as the server asks for, else 1,
 * 2, 4, 8, 8 s with a fifth of jitter. Used by one thread.
 */
public final class Backoff {
  private final HttpSettings settings;
  private final Cancellation cancellation;
  private int failures;
  private long progress;

  /** A fresh one; {@code cancellation} ends a wait. */
  public Backoff(HttpSettings settings, Cancellation cancellation) {
    this.settings = settings;
    this.cancellation = cancellation;
  }

  /** Bytes arrived; enough of them make earlier failures forgotten. */
  void progressed(long bytes) {
    progress += bytes;
    if (progress >= settings.retries().progress()) {
      failures = 0;
      progress = 0;
    }
  }

  /**
   * A request failed on the way; waits, or gives up.
   *
   * @throws athanor.error.AthanorException of kind NETWORK when the tries are used up or trying
   *     again is no use
   */
  public void failed(URI address, IOException failure) {
    Optional<Problem> obstacle = PermanentFailure.of(settings.proxies(), address, failure);
    if (obstacle.isPresent()) {
      throw obstacle.get().toException(failure);
    }
    if (++failures >= settings.retries().tries()) {
      throw unreachable(address, failure).toException(failure);
    }
    pause(delay(), address, reason(failure));
  }

  /**
   * A server asked to come back later; waits, or gives up.
   *
   * @param whenGivingUp the problem to report when the tries are used up or the wait is too long
   * @throws athanor.error.AthanorException with that problem
   */
  public void failed(Refusal refusal, Problem whenGivingUp) {
    Duration asked = RetryAfter.of(refusal.headers(), Instant.now()).orElse(Duration.ZERO);
    boolean tooLong = asked.compareTo(settings.retries().longestWait()) > 0;
    if (tooLong || ++failures >= settings.retries().tries()) {
      Problem problem = whenGivingUp;
      if (tooLong) {
        problem = problem.help("the server asks to wait " + seconds(asked) + "; run again then");
      }
      throw problem.toException();
    }
    Duration delay = asked.isZero() ? delay() : asked;
    pause(delay, refusal.address(), "HTTP " + refusal.status());
  }

  private Duration delay() {
    HttpSettings.Retries retries = settings.retries();
    long millis = retries.firstDelay().toMillis() << Math.min(failures - 1, 20);
    millis = Math.min(millis, retries.mostDelay().toMillis());
    double jitter = ThreadLocalRandom.current().nextDouble(0.8, 1.2);
    return Duration.ofMillis(Math.round(millis * jitter));
  }

  private void pause(Duration delay, URI address, String why) {
    settings
        .notices()
        .accept(
            "%s: %s; trying again in %s (try %d of %d)"
                .formatted(
                    address.getHost(),
                    why,
                    seconds(delay),
                    failures + 1,
                    settings.retries().tries()));
    long end = System.nanoTime() + delay.toNanos();
    while (end - System.nanoTime() > 0) {
      cancellation.check();
      Interruptions.sleep(Math.clamp((end - System.nanoTime()) / 1_000_000, 1, 100));
    }
  }

  private static String seconds(Duration delay) {
    long seconds = Math.max(1, Math.round(delay.toMillis() / 1000.0));
    return seconds < 120 ? seconds + " s" : Math.round(seconds / 60.0) + " min";
  }

  private Problem unreachable(URI address, IOException failure) {
    Optional<String> proxy = EnvironmentProxies.describe(settings.proxies(), address);
    String way = proxy.map(server -> " through the proxy " + server).orElse("");
    Problem problem =
        Problem.of(Kind.NETWORK, "no answer from " + address.getHost() + way)
            .at(Url.shown(address))
            .found(reason(failure));
    if (hasCause(failure, SSLException.class)) {
      return problem.help(
          "if a proxy or virus scanner inspects your traffic, set SSL_CERT_FILE to its certificate");
    }
    return proxy.isPresent()
        ? problem.help(
            "check the proxy in https_proxy, then run again; it goes on where it stopped")
        : problem.help(
            "check the connection (behind a proxy set https_proxy), then run again; it goes on where"
                + " it stopped");
  }

  /** A failure in a few words. */
  static String reason(IOException failure) {
    if (hasCause(failure, UnknownHostException.class)
        || hasCause(failure, UnresolvedAddressException.class)) {
      return "the name cannot be resolved";
    }
    if (hasCause(failure, HttpConnectTimeoutException.class)) {
      return "the connection timed out";
    }
    if (hasCause(failure, HttpTimeoutException.class)) {
      return "no answer in time";
    }
    if (hasCause(failure, ConnectException.class)) {
      return "the connection was refused";
    }
    String message = failure.getMessage();
    boolean cut =
        message == null
            || message.equals("closed")
            || message.contains("Connection reset")
            || message.contains("fixed content-length")
            || message.contains("EOF")
            || message.contains("chunked transfer");
    return cut || message == null ? "the connection was cut" : PrintableText.line(message);
  }

  private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return true;
      }
    }
    return false;
  }
}
