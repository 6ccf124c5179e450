package athanor.hub;

import java.util.List;
import java.util.Optional;

/**
 * Whom a token belongs to, as its service says.
 *
 * @param service the service
 * @param name user name
 * @param tokenName the name that the user gave the token, if the service tells it
 * @param role {@code read}, {@code write} or {@code fineGrained}, if the service tells it
 * @param organisations names of the organisations of the user
 * @param source where the token came from: a variable, a file
 */
public record Account(
    Service service,
    String name,
    Optional<String> tokenName,
    Optional<String> role,
    List<String> organisations,
    String source) {
  /** Copies the list. */
  public Account {
    organisations = List.copyOf(organisations);
  }
}
