package athanor.net;

import java.net.URI;
import java.util.Locale;

/**
 * Scheme, host and port of an address: the boundary that credentials do not cross (RFC 6454).
 *
 * @param scheme {@code http} or {@code https}
 * @param host in lower case
 * @param port never -1
 */
public record Origin(String scheme, String host, int port) {

  /** The origin of an absolute http or https address. */
  public static Origin of(URI address) {
    String scheme = address.getScheme().toLowerCase(Locale.ROOT);
    int port = address.getPort();
    if (port < 0) {
      port = scheme.equals("https") ? 443 : 80;
    }
    return new Origin(scheme, address.getHost().toLowerCase(Locale.ROOT), port);
  }

  /** Whether requests to it are encrypted. */
  public boolean isEncrypted() {
    return scheme.equals("https");
  }

  /** Whether the host name says that it is this machine. */
  public boolean isLoopback() {
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || host.matches("127\\.\\d+\\.\\d+\\.\\d+")
        || host.equals("[::1]")
        || host.equals("::1");
  }

  /** As at the head of an address, the port only where it is not the usual one. */
  @Override
  public String toString() {
    boolean usual = port == (isEncrypted() ? 443 : 80);
    return scheme + "://" + host + (usual ? "" : ":" + port);
  }
}
