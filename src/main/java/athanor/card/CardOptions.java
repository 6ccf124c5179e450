package athanor.card;

import athanor.hub.upload.RepoId;
import java.util.Optional;

/**
 * What the user says about a card.
 *
 * @param repo the repository that the file goes to; empty if not known
 * @param license identifier of the licence, as the Hub spells it; empty to take what the inputs
 *     agree on
 */
public record CardOptions(Optional<RepoId> repo, Optional<String> license) {
  /** Nothing is said. */
  public static final CardOptions NONE = new CardOptions(Optional.empty(), Optional.empty());

  /**
   * Checks the licence.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it is unknown, with the nearest ones
   */
  public CardOptions {
    license = license.map(Licenses::require);
  }
}
