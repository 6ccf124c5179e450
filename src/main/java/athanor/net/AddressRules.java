package athanor.net;

import athanor.error.Kind;
import athanor.error.Problem;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where connections may lead. A redirect never leads from an encrypted to an open connection, never
 * from the internet into a private network; a request that started in the private network may stay
 * there. A name that led to the internet once never leads into a private network later, in whatever
 * request or try; neither does one that has to be public.
 *
 * <p>Names are looked up here and again by the connection. The Java machine keeps a lookup for 30
 * seconds, so that both see the same address, and what has come is judged once more before it is
 * used. Behind a proxy, which does the lookup, only literal addresses and names that are private by
 * their text are judged. Thread-safe.
 */
final class AddressRules {
  private final Lookup lookup;
  private final Set<String> publicHosts = ConcurrentHashMap.newKeySet();

  /** Finds the addresses of a name. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] all(String host) throws UnknownHostException;
  }

  AddressRules() {
    this(InetAddress::getAllByName);
  }

  AddressRules(Lookup lookup) {
    this.lookup = lookup;
  }

  /** Returns if whoever answered at {@code start} may lead to {@code target}. */
  void check(URI start, URI target, boolean proxied) {
    if (Origin.of(start).isEncrypted() && !Origin.of(target).isEncrypted()) {
      throw refused(start, target, "redirected from an encrypted to an open connection");
    }
    if (isPrivate(target, proxied) && !isPrivate(start, proxied)) {
      throw refused(start, target, "redirected from the internet into a private network");
    }
  }

  private static RuntimeException refused(URI start, URI target, String what) {
    return Problem.of(Kind.NETWORK, what + "; this is never followed")
        .at(Origin.of(start).toString())
        .found(Origin.of(target))
        .help("check the link; its server may be broken or hostile")
        .toException();
  }

  /**
   * Returns if a connection to this address may be made, and, asked again, if its answer may be
   * used.
   */
  void admit(URI address, boolean proxied) {
    String host = Origin.of(address).host();
    if (proxied && !PrivateNetwork.isLiteral(host)) {
      return;
    }
    Found found = find(address, proxied);
    if (found == Found.PRIVATE && publicHosts.contains(host)) {
      throw Problem.of(Kind.NETWORK, "a name of the internet leads into a private network now")
          .at(Origin.of(address).toString())
          .help("check the link; its server may be hostile. Nothing that came from there was used")
          .toException();
    }
    if (found == Found.PUBLIC) {
      publicHosts.add(host);
    }
  }

  /**
   * From now on this host has to be public.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it is not, or the address is not
   *     encrypted; nothing was sent then
   */
  void requirePublic(URI address, boolean proxied) {
    Origin origin = Origin.of(address);
    if (!origin.isEncrypted()) {
      throw notPublic(origin, "a link that comes from a file has to be encrypted");
    }
    if (PrivateNetwork.isOddlySpelled(origin.host())) {
      throw notPublic(origin, "a link that comes from a file hides its address");
    }
    if (find(address, proxied) == Found.PRIVATE) {
      throw notPublic(origin, "a link that comes from a file leads into a private network");
    }
    publicHosts.add(origin.host());
  }

  private static RuntimeException notPublic(Origin origin, String what) {
    return Problem.usage(what + "; nothing was requested")
        .at(origin.toString())
        .expected("https:// and a host of the internet")
        .help(
            "look at the file: who made it? If you trust it and its links, run again with"
                + " --allow-private")
        .toException();
  }

  private enum Found {
    PUBLIC,
    PRIVATE,
    UNKNOWN
  }

  private boolean isPrivate(URI address, boolean proxied) {
    return find(address, proxied) == Found.PRIVATE;
  }

  private Found find(URI address, boolean proxied) {
    Origin origin = Origin.of(address);
    String host = origin.host();
    if (origin.isLoopback()
        || PrivateNetwork.isPrivateName(host)
        || PrivateNetwork.isPrivateLiteral(host)) {
      return Found.PRIVATE;
    }
    if (proxied && !PrivateNetwork.isLiteral(host)) {
      return Found.UNKNOWN;
    }
    try {
      for (InetAddress each : lookup.all(host)) {
        if (PrivateNetwork.isPrivate(each)) {
          return Found.PRIVATE;
        }
      }
      return Found.PUBLIC;
    } catch (UnknownHostException e) {
      // A name: the connection will fail and say so. An address of this computer's own networks.
      return PrivateNetwork.isLiteral(host) ? Found.PRIVATE : Found.UNKNOWN;
    }
  }
}
