package athanor.net;

import athanor.error.Kind;
import athanor.error.PrintableText;
import athanor.error.Problem;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.security.cert.CertificateException;
import java.util.Optional;

/**
 * What stands between here and a server and does not go away by trying again: a certificate that is
 * not trusted, a proxy that wants a login.
 */
final class PermanentFailure {
  private static final String TOO_MANY_LOGINS = "too many authentication attempts";

  private PermanentFailure() {}

  /** The problem behind a failure; empty if trying again may help. */
  static Optional<Problem> of(ProxySelector proxies, URI address, IOException failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof CertificateException) {
        return Optional.of(certificate(address, at));
      }
    }
    // The Java machine says so when a login was refused several times; only proxies are logged in.
    return String.valueOf(failure.getMessage()).startsWith(TOO_MANY_LOGINS)
        ? Optional.of(login(proxies, address))
        : Optional.empty();
  }

  private static Problem certificate(URI address, Throwable why) {
    String reason = String.valueOf(why.getMessage());
    boolean otherName = reason.startsWith("No subject alternative") || reason.startsWith("No name");
    Problem problem =
        Problem.of(
                Kind.NETWORK,
                "the certificate of "
                    + address.getHost()
                    + (otherName ? " is for another name" : " is not trusted"))
            .at(Url.shown(address));
    if (otherName) {
      return problem.help("check the link; if it is right, a network login page may be in between");
    }
    boolean unknown = reason.contains("unable to find valid certification path");
    return problem
        .found(unknown ? "nobody whom Java trusts has signed it" : shortened(reason))
        .help(
            "if a proxy or virus scanner inspects your traffic, or the server is your own, set"
                + " SSL_CERT_FILE to its certificate (PEM)");
  }

  /** Without the names of classes. */
  private static String shortened(String reason) {
    return PrintableText.line(reason.replaceAll("[\\w.]+(?:Exception|Error): ", ""));
  }

  /** A proxy has asked for a login, or has not accepted the one it was given. */
  static Problem login(ProxySelector proxies, URI address) {
    String proxy = EnvironmentProxies.describe(proxies, address).orElse("on the way");
    boolean given = EnvironmentProxies.knowsLogin(proxies, address);
    String variable = Origin.of(address).isEncrypted() ? "https_proxy" : "http_proxy";
    return Problem.of(
            Kind.NETWORK,
            "the proxy " + proxy + (given ? " does not accept the login" : " wants a login"))
        .at(Url.shown(address))
        .help(
            "set "
                + variable
                + "=http://USER:PASSWORD@"
                + (proxy.contains(":") ? proxy : "HOST:PORT")
                + ", special characters escaped (@ is %40, : is %3A)");
  }
}
