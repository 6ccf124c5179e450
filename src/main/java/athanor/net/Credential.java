package athanor.net;

import athanor.error.MaskedText;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;

/**
 * An {@code Authorization} header and the only origins that may see it.
 *
 * @param scheme {@code Bearer} or {@code Basic}
 * @param secret what follows the scheme
 * @param origins where it may go
 * @param source where the user put it, for messages: an environment variable, a file
 */
public record Credential(String scheme, Secret secret, Set<Origin> origins, String source) {

  /** Copies the set. */
  public Credential {
    origins = Set.copyOf(origins);
  }

  /** A token for these origins. */
  public static Credential bearer(Secret token, Set<Origin> origins, String source) {
    return new Credential("Bearer", token, origins, source);
  }

  /** User and password in the form {@code user:password}, for one origin. */
  public static Credential basic(String userAndPassword, Origin origin, String source) {
    MaskedText.neverShow(userAndPassword.substring(userAndPassword.indexOf(':') + 1));
    byte[] bytes = userAndPassword.getBytes(StandardCharsets.UTF_8);
    Secret encoded = Secret.of(Base64.getEncoder().encodeToString(bytes));
    return new Credential("Basic", encoded, Set.of(origin), source);
  }

  /** Whether it may be sent there. */
  boolean covers(Origin origin) {
    return origins.contains(origin);
  }

  /** The header value. */
  String header() {
    return scheme + " " + secret.reveal();
  }
}
