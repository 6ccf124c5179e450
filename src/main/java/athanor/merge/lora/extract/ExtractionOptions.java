package athanor.merge.lora.extract;

import athanor.merge.plan.Precision;
import athanor.tensor.DType;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What an extraction is to do.
 *
 * @param rank rank of linear layers and 1×1 convolutions
 * @param convRank rank of larger convolutions; with it, residual blocks and the layers that resize
 *     between blocks are extracted too
 * @param clampQuantile cuts the factors off as kohya's script does; see {@link QuantileClamp}
 * @param minDiff the text encoders are left out if no weight of theirs differs by more
 * @param loadPrecision the precision in which the difference is taken
 * @param savePrecision the stored type; empty means the widest of the tuned weights
 */
public record ExtractionOptions(
    int rank,
    OptionalInt convRank,
    OptionalDouble clampQuantile,
    double minDiff,
    Precision loadPrecision,
    Optional<DType> savePrecision) {
  /** kohya's threshold for text encoders. */
  public static final double DEFAULT_MIN_DIFF = 0.01;
}
