package athanor.model.block;

import athanor.error.Problem;
import java.util.List;
import java.util.Optional;
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
  private final List<BlockLayout> layouts;
  private final Optional<SlotRule> slots;
  private final double elsewhere;

  private BlockWeights(
      SortedMap<Block, Double> factors,
      List<BlockLayout> layouts,
      Optional<SlotRule> slots,
      double elsewhere) {
    this.factors = factors;
    this.layouts = layouts;
    this.slots = slots;
    this.elsewhere = elsewhere;
  }

  /**
   * Weights for the blocks of the {@link BlockLayout} of that length in every scheme that has one.
   *
   * @param weights 12, 17, 20 or 26 numbers for a UNet; for other models one for each slot, or one
   *     for each numbered slot
   * @param elsewhere factor of the blocks that the layout does not name
   * @throws athanor.error.AthanorException of kind USAGE if no layout has this length
   */
  public static BlockWeights of(List<Double> weights, double elsewhere) {
    List<BlockLayout> layouts = BlockLayout.allOfLength(weights.size());
    if (layouts.isEmpty()) {
      throw Problem.usage("block weights have a wrong count")
          .found(weights.size() + " weights")
          .expected(lengths() + ", or one for each slot of another model")
          .toException();
    }
    return of(weights, layouts, Optional.empty(), elsewhere);
  }

  /**
   * The weights of a preset.
   *
   * @param elsewhere factor of the blocks that the preset does not name
   */
  public static BlockWeights of(BlockPreset preset, double elsewhere) {
    return of(
        preset.weights(),
        BlockLayout.ofLength(preset.weights().size()).stream().toList(),
        preset.slots(),
        elsewhere);
  }

  private static BlockWeights of(
      List<Double> weights, List<BlockLayout> layouts, Optional<SlotRule> slots, double elsewhere) {
    var factors = new TreeMap<Block, Double>();
    for (BlockLayout layout : layouts) {
      for (Block block : layout.scheme().blocks()) {
        factors.put(block, elsewhere);
      }
      for (int i = 0; i < weights.size(); i++) {
        factors.put(layout.blocks().get(i), weights.get(i));
      }
    }
    return new BlockWeights(factors, layouts, slots, elsewhere);
  }

  /** The factor of a block; where its scheme has no such weights, that of blocks not named. */
  public double factor(Block block) {
    Double factor = factors.get(block);
    return factor != null ? factor : slots.map(rule -> rule.factor(block)).orElse(elsewhere);
  }

  /** Whether these weights name a block. */
  public boolean names(Block block) {
    return layouts.stream().anyMatch(layout -> layout.blocks().contains(block))
        || (slots.isPresent() && !factors.containsKey(block));
  }

  /** Whether these weights are for models with blocks of a scheme. */
  public boolean areFor(String scheme) {
    return layouts.stream().anyMatch(layout -> layout.scheme().name().equals(scheme))
        || slots.filter(rule -> rule.fits(BlockScheme.named(scheme))).isPresent();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockWeights that
        && factors.equals(that.factors)
        && slots.equals(that.slots)
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
