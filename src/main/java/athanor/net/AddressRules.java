package athanor.net;

import athanor.error.Kind;
import athanor.error.Problem;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;

/**
 * Where a redirect may lead: never from an encrypted to an open connection, never from the public
 * network into a private one (loopback, link-local, private and shared ranges). A request that
 * started in the private network may stay there.
 *
 * <p>Names are looked up here and again by the connection; the Java machine keeps a lookup for 30
 * seconds, so both see the same address. Behind a proxy, which does the lookup, only literal
 * addresses and names of this machine are judged.
 */
final class AddressRules {
  private AddressRules() {}

  static void check(URI start, URI target, boolean proxied) {
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

  private static boolean isPrivate(URI address, boolean proxied) {
    Origin origin = Origin.of(address);
    if (origin.isLoopback()) {
      return true;
    }
    if (proxied && !isLiteral(origin.host())) {
      return false;
    }
    try {
      for (InetAddress each : InetAddress.getAllByName(origin.host())) {
        if (isPrivate(each)) {
          return true;
        }
      }
      return false;
    } catch (UnknownHostException e) {
      // The connection will fail and say so.
      return false;
    }
  }

  private static boolean isLiteral(String host) {
    return host.startsWith("[") || host.matches("[0-9.]+|0[xX][0-9a-fA-F.xX]+");
  }

  static boolean isPrivate(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (address.isLoopbackAddress()
        || address.isAnyLocalAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return true;
    }
    return address instanceof Inet6Address ? isPrivate6(bytes) : isPrivate4(bytes, 0);
  }

  private static boolean isPrivate4(byte[] bytes, int at) {
    int a = bytes[at] & 0xff;
    int b = bytes[at + 1] & 0xff;
    boolean shared = a == 100 && b >= 64 && b < 128;
    boolean siteLocal = a == 10 || (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168);
    return a == 0 || a == 127 || a >= 224 || shared || siteLocal || (a == 169 && b == 254);
  }

  /** Unique local fc00::/7, and IPv4 inside ::/96, NAT64 64:ff9b::/96 and 6to4 2002::/16. */
  private static boolean isPrivate6(byte[] bytes) {
    if ((bytes[0] & 0xfe) == 0xfc) {
      return true;
    }
    boolean zeros = true;
    for (int i = 0; i < 12; i++) {
      zeros &= bytes[i] == 0;
    }
    boolean nat64 = bytes[0] == 0 && bytes[1] == 0x64 && (bytes[2] & 0xff) == 0xff;
    boolean sixToFour = bytes[0] == 0x20 && bytes[1] == 0x02;
    return ((zeros || nat64) && isPrivate4(bytes, 12)) || (sixToFour && isPrivate4(bytes, 2));
  }
}
