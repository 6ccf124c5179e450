package athanor.net;

import athanor.error.PrintableText;
import athanor.error.Problem;
import java.net.ProxySelector;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    /** Until an answer that is read as a whole, such as a listing, has ended. */
    Duration answer() {
      return stall.multipliedBy(4);
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
   * @param mostUnknown bytes that a file may have whose length nobody tells
   */
  public record Transfers(
      int connections, long parallelFrom, long segment, Duration checkpoint, long mostUnknown) {
    /** With the usual limit for files of unknown length, 32 GB. */
    public Transfers(int connections, long parallelFrom, long segment, Duration checkpoint) {
      this(connections, parallelFrom, segment, checkpoint, 32 * GIGABYTE);
    }
  }

  /** The variable that says how large a file of unknown length may be, such as {@code 100GB}. */
  static final String MOST_VARIABLE = "ATHANOR_MAX_DOWNLOAD";

  private static final long GIGABYTE = 1_000_000_000;
  private static final Pattern SIZE = Pattern.compile("(?i)(\\d{1,6})\\s*(MB|GB|TB)");

  /**
   * Settings fit for people's lines, with proxies and certificates from the environment.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the variable of a proxy, a certificate
   *     or the largest download is set to something unusable; the message names the variable
   */
  public static HttpSettings from(Map<String, String> environment, Consumer<String> notices) {
    return new HttpSettings(
        new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30)),
        new Retries(
            5, Duration.ofSeconds(1), Duration.ofSeconds(8), Duration.ofMinutes(5), 1 << 20),
        new Transfers(4, 512L << 20, 64L << 20, Duration.ofSeconds(2), mostUnknown(environment)),
        EnvironmentProxies.of(environment),
        TrustedCertificates.from(environment),
        notices);
  }

  private static long mostUnknown(Map<String, String> environment) {
    String text = environment.getOrDefault(MOST_VARIABLE, "32GB").strip();
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw Problem.usage("not a size")
          .at("environment variable " + MOST_VARIABLE)
          .found(PrintableText.line(text))
          .expected("a whole number of MB, GB or TB, such as 100GB")
          .toException();
    }
    long unit =
        switch (size.group(2).toUpperCase(Locale.ROOT)) {
          case "MB" -> GIGABYTE / 1000;
          case "GB" -> GIGABYTE;
          default -> GIGABYTE * 1000;
        };
    return Long.parseLong(size.group(1)) * unit;
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
