package athanor.recipe;

import athanor.error.Problem;
import athanor.merge.plan.Strength;
import java.util.ArrayList;
import java.util.List;

/**
 * A base that is a mix itself, as the one weighted sum that it is: {@code s·(A + Σ rᵢ·(Bᵢ − A)) + Σ
 * Rⱼ·Xⱼ} with {@code s = 1 − Σ Rⱼ} is a mix into A in which Bᵢ has the ratio {@code s·rᵢ}. So
 * nothing is rounded in between, and every file is read once. Immutable.
 *
 * @param base the innermost base
 * @param mix everything that is combined with it
 */
public record NestedMix(InputRequest base, List<MixRequest> mix) {

  /** Copies the list. */
  public NestedMix {
    mix = List.copyOf(mix);
  }

  /**
   * This mix with others mixed into it.
   *
   * @param outer the others
   * @param place where they stand, for messages
   * @throws athanor.error.AthanorException of kind USAGE if this is a mix, and parts of the others
   *     have ratios of their own
   */
  public NestedMix with(List<MixRequest> outer, String place) {
    double rest = 1;
    for (MixRequest mixed : outer) {
      boolean isShare = mixed.minus().isEmpty();
      if (!mix.isEmpty() && isShare && !mixed.strength().isUniform()) {
        throw Problem.usage("what is mixed into a mix has one ratio for all of its parts")
            .at(place)
            .found(mixed.model().shown() + ": " + mixed.strength().partsText())
            .help("merge the inner mix first, and give the result as base")
            .toException();
      }
      rest -= isShare ? mixed.strength().ratio() : 0;
    }
    List<MixRequest> all = new ArrayList<>();
    for (MixRequest inner : mix) {
      all.add(new MixRequest(inner.model(), inner.minus(), scaled(inner.strength(), rest)));
    }
    all.addAll(outer);
    return new NestedMix(base, all);
  }

  private static Strength scaled(Strength strength, double factor) {
    return new Strength(
        strength.ratio() * factor,
        strength.textEncoderRatio().map(own -> own * factor),
        strength.blocks(),
        strength.only(),
        strength.skip(),
        strength.elements().stream().map(rule -> rule.times(factor)).toList());
  }
}
