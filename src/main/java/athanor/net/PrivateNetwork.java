package athanor.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What is not the internet: this computer, its network, the services that clouds offer inside (RFC
 * 6890 and its successors), by address and by name. An IPv4 address inside an IPv6 one counts as
 * itself.
 */
final class PrivateNetwork {
  /** Last labels of names that no public server has (RFC 6761, 6762, 8375, and habit). */
  private static final Set<String> PRIVATE_LABELS =
      Set.of(
          "localhost",
          "local",
          "localdomain",
          "internal",
          "intranet",
          "private",
          "corp",
          "home",
          "lan",
          "arpa");

  private PrivateNetwork() {}

  /** Whether the text of a host alone says that it is private. */
  static boolean isPrivateName(String host) {
    String name = withoutDot(host);
    if (name.startsWith("[") || numeric(name).isPresent()) {
      return false;
    }
    return PRIVATE_LABELS.contains(name.substring(name.lastIndexOf('.') + 1))
        || name.indexOf('.') < 0;
  }

  /** Whether the host is an address, not a name. */
  static boolean isLiteral(String host) {
    return host.startsWith("[") || numeric(withoutDot(host)).isPresent();
  }

  /** Whether the host is an address as only old programs spell it: decimal, octal, hex, short. */
  static boolean isOddlySpelled(String host) {
    String name = withoutDot(host);
    return numeric(name).map(address -> !address.getHostAddress().equals(host)).orElse(false);
  }

  /** Whether a literal is private, in whatever way a server or proxy may read it. */
  static boolean isPrivateLiteral(String host) {
    return numeric(withoutDot(host)).map(PrivateNetwork::isPrivate).orElse(false);
  }

  private static String withoutDot(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  /**
   * An IPv4 address as {@code inet_aton} reads it: one to four numbers, each decimal, octal with a
   * leading 0 or hexadecimal with 0x, the last one filling the rest.
   */
  private static Optional<InetAddress> numeric(String host) {
    String[] parts = host.split("\\.", -1);
    if (parts.length > 4) {
      return Optional.empty();
    }
    long address = 0;
    for (int i = 0; i < parts.length; i++) {
      Optional<Long> part = number(parts[i]);
      boolean last = i == parts.length - 1;
      long most = last ? 1L << (8 * (5 - parts.length)) : 256;
      if (part.isEmpty() || part.get() >= most) {
        return Optional.empty();
      }
      address |= last ? part.get() : part.get() << (8 * (3 - i));
    }
    byte[] bytes = {
      (byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address
    };
    try {
      return Optional.of(InetAddress.getByAddress(bytes));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private static Optional<Long> number(String text) {
    try {
      if (text.matches("0x[0-9a-f]{1,12}")) {
        return Optional.of(Long.parseLong(text.substring(2), 16));
      }
      if (text.matches("0[0-7]{1,15}")) {
        return Optional.of(Long.parseLong(text, 8));
      }
      return text.matches("[0-9]{1,12}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
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
    int c = bytes[at + 2] & 0xff;
    return switch (a) {
      case 0, 10, 127 -> true;
      case 100 -> b >= 64 && b < 128; // carriers' own
      case 168 -> b == 63 && c == 129 && (bytes[at + 3] & 0xff) == 16; // a cloud's own service
      case 169 -> b == 254;
      case 172 -> b >= 16 && b < 32;
      case 192 -> b == 168 || (b == 0 && (c == 0 || c == 2));
      case 198 -> b == 18 || b == 19 || (b == 51 && c == 100);
      case 203 -> b == 0 && c == 113;
      default -> a >= 224;
    };
  }

  private static boolean isPrivate6(byte[] bytes) {
    boolean uniqueLocal = (bytes[0] & 0xfe) == 0xfc;
    boolean localNat64 = startsWith(bytes, 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01);
    boolean discard = startsWith(bytes, 0x01, 0x00, 0, 0, 0, 0, 0, 0);
    boolean teredo = startsWith(bytes, 0x20, 0x01, 0, 0);
    boolean documentation = startsWith(bytes, 0x20, 0x01, 0x0d, 0xb8);
    if (uniqueLocal || localNat64 || discard || teredo || documentation) {
      return true;
    }
    boolean compatible = startsWith(bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    boolean translated = startsWith(bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0);
    boolean mapped = startsWith(bytes, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff);
    boolean nat64 = startsWith(bytes, 0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0);
    boolean isatap = bytes[10] == 0x5e && (bytes[11] & 0xff) == 0xfe;
    boolean sixToFour = startsWith(bytes, 0x20, 0x02);
    return ((compatible || translated || mapped || nat64 || isatap) && isPrivate4(bytes, 12))
        || (sixToFour && isPrivate4(bytes, 2));
  }

  private static boolean startsWith(byte[] bytes, int... start) {
    for (int i = 0; i < start.length; i++) {
      if ((bytes[i] & 0xff) != start[i]) {
        return false;
      }
    }
    return true;
  }
}
