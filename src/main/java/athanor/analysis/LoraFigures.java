package athanor.analysis;

import athanor.tensor.DType;
import java.util.List;
import java.util.Map;

/**
 * What is known of one LoRA.
 *
 * @param tensors how many tensors it adds to
 * @param dead keys of those to which its factors add nothing
 * @param concentrated keys of those where one direction of at least {@link Rules#ENOUGH_DIRECTIONS}
 *     has more of the energy than {@link Rules#CONCENTRATED}
 * @param dependent modules that are not in any figure, as what they do depends on the weight
 * @param rank the largest
 * @param effectiveRank mean over its tensors, each with the weight of its energy; 0 without factors
 * @param kept the share of its energy that truncation to a rank keeps, by rank; empty without
 *     factors
 * @param balanced the factor for its ratio that makes all LoRAs equally loud and the sum of their
 *     energies what it is; 1 where it does nothing
 * @param rounding what a number format leaves of it; empty without a base
 */
public record LoraFigures(
    int tensors,
    List<String> dead,
    List<String> concentrated,
    int dependent,
    int rank,
    double effectiveRank,
    Map<Integer, Double> kept,
    double balanced,
    Map<DType, RoundingSample.Sums> rounding) {}
