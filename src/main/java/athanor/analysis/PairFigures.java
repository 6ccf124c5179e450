package athanor.analysis;

import java.util.Optional;

/**
 * How two LoRAs go together.
 *
 * @param one the first, from 0
 * @param other the second
 * @param common tensors that both add to
 * @param cosine of the angle between their changes, over everything either adds to
 * @param reads mean coincidence of what they read, weighted by what they do there; 0 without
 *     factors
 * @param readsByChance what random factors would have
 * @param writes mean coincidence of what they write
 * @param writesByChance likewise
 * @param most the block with the largest cosine by amount; empty if they share none
 * @param mostCosine its cosine
 */
public record PairFigures(
    int one,
    int other,
    int common,
    double cosine,
    double reads,
    double readsByChance,
    double writes,
    double writesByChance,
    Optional<Area> most,
    double mostCosine) {

  /** What two changes are to each other. */
  public enum Relation {
    /** They point against each other. */
    AGAINST,
    /** They do much the same. */
    ALIKE,
    /** They work in the same places on different things. */
    SIDE_BY_SIDE,
    /** They have no tensor in common. */
    APART
  }

  /** What they are to each other by {@link Rules}. */
  public Relation relation() {
    if (common == 0) {
      return Relation.APART;
    }
    if (cosine <= Rules.AGAINST) {
      return Relation.AGAINST;
    }
    return cosine >= Rules.ALIKE ? Relation.ALIKE : Relation.SIDE_BY_SIDE;
  }
}
