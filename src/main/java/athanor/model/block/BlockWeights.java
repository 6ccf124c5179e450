package athanor.model.block;

import athanor.error.Problem;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One factor per {@link Block}. Immutable.
 *
 * <p>What holds for a block that a list of weights does not name is where programs differ: kohya's
 * {@code svd_merge_lora.py} leaves it at 1, the lora-block-weight extension, whose weights people
 * have in their prompts, sets it to 0. The caller chooses.
 */
public final class BlockWeights {
  private final SortedMap<Block, Double> factors;
  private final double elsewhere;

  private BlockWeights(SortedMap<Block, Double> factors, double elsewhere) {
    this.factors = factors;
    this.elsewhere = elsewhere;
  }

  /**
   * Weights for the blocks of the {@link BlockLayout} of that length.
   *
   * @param weights 12, 17, 20, 26 or 61 numbers
   * @param elsewhere factor of the blocks that the layout does not name
   * @throws athanor.error.AthanorException of kind USAGE if the length is none of these
   */
  public static BlockWeights of(List<Double> weights, double elsewhere) {
    BlockLayout layout =
        BlockLayout.ofLength(weights.size())
            .orElseThrow(() ->
                Problem.usage("block weights have a wrong count")
                    .found(weights.size() + " weights")
                    .expected(lengths())
                    .toException());
    var factors = new TreeMap<Block, Double>();
    for (Block block : layout.scheme().blocks()) {
      factors.put(block, elsewhere);
    }
    for (int i = 0; i < weights.size(); i++) {
      factors.put(layout.blocks().get(i), weights.get(i));
    }
    return new BlockWeights(factors, elsewhere);
  }

  /** The factor of a block; of one in another scheme, that of blocks not named. */
  public double factor(Block block) {
    return factors.getOrDefault(block, elsewhere);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockWeights that
        && factors.equals(that.factors)
        && elsewhere == that.elsewhere;
  }

  @Override
  public int hashCode() {
    return factors.hashCode();
  }

  /** The factors of all blocks of the scheme, comma-separated. */
  @Override
  public String toString() {
    return factors.values().stream().map(Object::toString).collect(Collectors.joining(","));
  }

  private static String lengths() {
    List<Integer> lengths = BlockLayout.lengths();
    String first =
        lengths.subList(0, lengths.size() - 1).stream()
            .map(String::valueOf)
            .collect(Collectors.joining(", "));
    return first + " or " + lengths.getLast();
  }
}
