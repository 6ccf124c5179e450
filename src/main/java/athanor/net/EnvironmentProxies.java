package athanor.net;

import athanor.error.AthanorException;
import athanor.error.MaskedText;
import athanor.error.Problem;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Proxies as curl, git and Python find them: {@code https_proxy}, {@code http_proxy}, {@code
 * all_proxy} and {@code no_proxy}, in lower or upper case (lower wins). This machine itself is
 * never reached through a proxy. Without these variables the Java machine's own settings hold.
 */
final class EnvironmentProxies extends ProxySelector {
  private final Optional<Server> http;
  private final Optional<Server> https;
  private final List<String> exceptions;

  private record Server(String variable, InetSocketAddress address, Optional<String> login) {}

  private EnvironmentProxies(
      Optional<Server> http, Optional<Server> https, List<String> exceptions) {
    this.http = http;
    this.https = https;
    this.exceptions = exceptions;
  }

  static ProxySelector of(Map<String, String> environment) {
    Optional<Server> any = server(environment, "all_proxy");
    Optional<Server> http = server(environment, "http_proxy").or(() -> any);
    Optional<Server> https = server(environment, "https_proxy").or(() -> any);
    if (http.isEmpty() && https.isEmpty() && ProxySelector.getDefault() != null) {
      return ProxySelector.getDefault();
    }
    String none = value(environment, "no_proxy").orElse("");
    List<String> exceptions =
        List.of(none.toLowerCase(Locale.ROOT).split("[,\\s]+")).stream()
            .filter(entry -> !entry.isEmpty())
            .toList();
    return new EnvironmentProxies(http, https, exceptions);
  }

  private static Optional<String> value(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .or(() -> Optional.ofNullable(environment.get(name.toUpperCase(Locale.ROOT))))
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  private static Optional<Server> server(Map<String, String> environment, String name) {
    return value(environment, name).map(text -> parse(name, text));
  }

  private static Server parse(String variable, String text) {
    boolean hasScheme = text.contains("://");
    String scheme = hasScheme ? text.substring(0, text.indexOf("://")) : "http";
    boolean isScheme = scheme.matches("(?i)[a-z][a-z0-9+.-]{0,20}");
    if (isScheme && !scheme.equalsIgnoreCase("http")) {
      throw Problem.usage("this kind of proxy is not supported")
          .at("environment variable " + variable)
          .found(scheme)
          .expected("http://host:port")
          .toException();
    }
    try {
      URI address = Url.parse(isScheme && hasScheme ? text : "http://" + text);
      int port = address.getPort() < 0 ? 80 : address.getPort();
      var socket = InetSocketAddress.createUnresolved(address.getHost(), port);
      Optional<String> login = Optional.ofNullable(address.getRawUserInfo());
      login.ifPresent(EnvironmentProxies::hide);
      return new Server(variable, socket, login.map(Url::decode));
    } catch (AthanorException e) {
      // The text may hold a password, so it is not shown.
      throw Problem.usage("not the address of a proxy")
          .at("environment variable " + variable)
          .expected("http://host:port")
          .toException();
    }
  }

  private static void hide(String rawLogin) {
    String password = rawLogin.substring(rawLogin.indexOf(':') + 1);
    MaskedText.neverShow(password);
    MaskedText.neverShow(Url.decode(password));
  }

  @Override
  public List<Proxy> select(URI address) {
    Optional<Server> server = Origin.of(address).isEncrypted() ? https : http;
    if (server.isEmpty() || isExcepted(Origin.of(address))) {
      return List.of(Proxy.NO_PROXY);
    }
    return List.of(
        new Proxy(
            Proxy.Type.HTTP,
            new InetSocketAddress(
                server.get().address().getHostString(), server.get().address().getPort())));
  }

  private boolean isExcepted(Origin origin) {
    if (origin.isLoopback()) {
      return true;
    }
    for (String entry : exceptions) {
      String name = entry.startsWith(".") ? entry.substring(1) : entry;
      int colon = name.lastIndexOf(':');
      boolean hasPort = colon > 0 && name.substring(colon + 1).matches("\\d+");
      if (hasPort && !name.endsWith(":" + origin.port())) {
        continue;
      }
      String host = hasPort ? name.substring(0, colon) : name;
      if (host.equals("*") || origin.host().equals(host) || origin.host().endsWith("." + host)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void connectFailed(URI address, SocketAddress proxy, IOException failure) {
    // The request itself fails and says so.
  }

  /** Logins of the proxies, or null when none has one. */
  static @Nullable Authenticator logins(ProxySelector selector) {
    if (!(selector instanceof EnvironmentProxies proxies)
        || (proxies.http.flatMap(Server::login).isEmpty()
            && proxies.https.flatMap(Server::login).isEmpty())) {
      return null;
    }
    return new Authenticator() {
      @Override
      protected @Nullable PasswordAuthentication getPasswordAuthentication() {
        return getRequestorType() == RequestorType.PROXY
            ? proxies.login(getRequestingHost(), getRequestingPort())
            : null;
      }
    };
  }

  private @Nullable PasswordAuthentication login(String host, int port) {
    for (Optional<Server> server : List.of(https, http)) {
      Optional<String> login = server.flatMap(Server::login);
      if (login.isPresent()
          && server.get().address().getHostString().equalsIgnoreCase(host)
          && server.get().address().getPort() == port) {
        String[] parts = login.get().split(":", 2);
        return new PasswordAuthentication(
            parts[0], (parts.length > 1 ? parts[1] : "").toCharArray());
      }
    }
    return null;
  }

  /** Whether the user has given a login for the proxy of an address. */
  static boolean knowsLogin(ProxySelector selector, URI address) {
    return selector instanceof EnvironmentProxies proxies
        && (Origin.of(address).isEncrypted() ? proxies.https : proxies.http)
            .flatMap(Server::login)
            .isPresent();
  }

  /** How to name the proxy of an address in a message; empty when there is none. */
  static Optional<String> describe(ProxySelector selector, URI address) {
    for (Proxy proxy : selector.select(address)) {
      if (proxy.address() instanceof InetSocketAddress server) {
        return Optional.of(server.getHostString() + ":" + server.getPort());
      }
    }
    return Optional.empty();
  }
}
