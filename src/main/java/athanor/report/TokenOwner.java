package athanor.report;

import athanor.hub.Account;
import athanor.hub.Service;
import java.util.Optional;

/**
 * Whom a token belongs to; never the token.
 *
 * @param service {@code hf} or {@code civitai}
 * @param name the user
 * @param token the name that the user gave the token
 * @param role {@code read}, {@code write} or {@code fineGrained}
 * @param source where the token came from
 * @param organisations of the user, separated by commas
 * @param at the service
 */
@LineName(value = "account", when = "with a token")
public record TokenOwner(
    String service,
    String name,
    Optional<String> token,
    Optional<String> role,
    String source,
    String organisations,
    @ForText Service at)
    implements Result {

  /** What a service says of a token. */
  public static TokenOwner of(Account account) {
    return new TokenOwner(
        account.service().id(),
        account.name(),
        account.tokenName(),
        account.role(),
        account.source(),
        String.join(", ", account.organisations()),
        account.service());
  }
}
