package athanor.report;

import athanor.analysis.Area;
import athanor.analysis.PairFigures;
import java.util.Locale;
import java.util.Optional;

/**
 * How two LoRAs go together.
 *
 * @param first place of one among the LoRAs, from 0
 * @param second place of the other
 * @param relation {@code against}, {@code alike}, {@code side_by_side} or {@code apart}
 * @param commonTensors how many tensors both add to
 * @param cosine of the angle between what they add, −1 to 1
 * @param reads how far their inputs coincide, 0 to 1
 * @param readsByChance what random factors would have
 * @param writes how far their outputs coincide, 0 to 1
 * @param writesByChance what random factors would have
 * @param strongestBlock where the cosine is largest by amount
 * @param strongestCosine the cosine there
 */
public record AnalyzedPair(
    int first,
    int second,
    String relation,
    int commonTensors,
    double cosine,
    double reads,
    double readsByChance,
    double writes,
    double writesByChance,
    Optional<String> strongestBlock,
    double strongestCosine) {

  static AnalyzedPair of(PairFigures pair) {
    return new AnalyzedPair(
        pair.one(),
        pair.other(),
        pair.relation().name().toLowerCase(Locale.ROOT),
        pair.common(),
        pair.cosine(),
        pair.reads(),
        pair.readsByChance(),
        pair.writes(),
        pair.writesByChance(),
        pair.most().map(Area::toString),
        pair.mostCosine());
  }
}
