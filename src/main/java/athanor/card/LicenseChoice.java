package athanor.card;

import athanor.recipe.InputOrigin;
import athanor.recipe.Provenance;
import java.util.List;
import java.util.Optional;

/**
 * The licence of a card: what the user says; else what all inputs of a merge agree on, or what the
 * file itself says; else none, since choosing among licences is not for a program.
 *
 * @param id as the Hub spells it
 */
record LicenseChoice(Optional<String> id) {
  static LicenseChoice of(CardFacts facts, CardOptions options) {
    return new LicenseChoice(options.license().or(() -> said(facts)));
  }

  /** The first that is known, of an existing card and of this choice. */
  LicenseChoice unless(Optional<String> existing) {
    return existing.isPresent() ? new LicenseChoice(existing) : this;
  }

  private static Optional<String> said(CardFacts facts) {
    List<Provenance.Input> inputs = facts.inputs();
    if (inputs.isEmpty()) {
      return facts.words().mergedFrom().isPresent()
          ? Optional.empty()
          : facts.words().license().flatMap(Licenses::find);
    }
    List<Optional<String>> all =
        inputs.stream()
            .map(Provenance.Input::origin)
            .map(InputOrigin::license)
            .map(license -> license.flatMap(Licenses::find))
            .distinct()
            .toList();
    return all.size() == 1 ? all.getFirst().filter(id -> !id.equals("other")) : Optional.empty();
  }
}
