package athanor.net;

import java.net.ProxySelector;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;

/**
 * How patient and how greedy the network code is.
 *
 * @param timeouts when a silent server is given up
 * @param retries how often and how long it is tried again
 * @param transfers how large files are fetched
 * @param proxies which proxy serves which address
 * @param tls trusted certificates, or empty for those of the Java machine
 * @param notices receives short sentences for the user, such as what is waited for; from any thread
 */
public record HttpSettings(
    Timeouts timeouts,
    Retries retries,
    Transfers transfers,
    ProxySelector proxies,
    Optional<SSLContext> tls,
    Consumer<String> notices) {

  /**
   * When a silent server is given up.
   *
   * @param connect until a connection stands
   * @param headers until the answer begins
   * @param stall until some kilobytes more of a body have arrived
   */
  public record Timeouts(Duration connect, Duration headers, Duration stall) {
    /** Until a server that is being sent something has taken more of it. */
    Duration sending() {
      return stall.multipliedBy(2);
    }
  }

  /**
   * How often a failed request is tried again.
   *
   * @param tries attempts without progress before giving up, the first included
   * @param firstDelay pause after the first failure; it doubles
   * @param mostDelay upper limit of the doubling
   * @param longestWait longest pause that a server may ask for
   * @param progress bytes after which the count of tries starts again
   */
  public record Retries(
      int tries, Duration firstDelay, Duration mostDelay, Duration longestWait, long progress) {}

  /**
   * How large files are fetched.
   *
   * @param connections most connections for one file
   * @param parallelFrom smallest file in bytes for which several connections are used
   * @param segment bytes asked for at a time when there are several
   * @param checkpoint how often the state of a download is made durable
   */
  public record Transfers(int connections, long parallelFrom, long segment, Duration checkpoint) {}

  /**
   * Settings fit for people's lines, with proxies and certificates from the environment.
   *
   * @throws athanor.error.AthanorException of kind USAGE if a proxy or certificate variable is set
   *     to something unusable; the message names the variable
   */
  public static HttpSettings from(Map<String, String> environment, Consumer<String> notices) {
    return new HttpSettings(
        new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30)),
        new Retries(
            5, Duration.ofSeconds(1), Duration.ofSeconds(8), Duration.ofMinutes(5), 1 << 20),
        new Transfers(4, 512L << 20, 64L << 20, Duration.ofSeconds(2)),
        EnvironmentProxies.of(environment),
        TrustedCertificates.from(environment),
        notices);
  }

  /** These settings with other timeouts. */
  public HttpSettings with(Timeouts other) {
    return new HttpSettings(other, retries, transfers, proxies, tls, notices);
  }

  /** These settings with another retry policy. */
  public HttpSettings with(Retries other) {
    return new HttpSettings(timeouts, other, transfers, proxies, tls, notices);
  }

  /** These settings with another way to fetch large files. */
  public HttpSettings with(Transfers other) {
    return new HttpSettings(timeouts, retries, other, proxies, tls, notices);
  }
}
