package athanor.report;

import athanor.merge.plan.BlockList;
import athanor.merge.plan.PlannedLora;
import athanor.merge.plan.Strength;
import java.util.List;
import java.util.Optional;

/**
 * What is special about a LoRA whose parts have weights of their own.
 *
 * @param weights as asked for
 * @param leftOut number of modules that a filter leaves out
 * @param atZero number of modules in blocks of weight 0
 * @param blocks what each block gets
 * @param text the weights in words
 */
public record PartWeights(
    Asked weights, int leftOut, int atZero, List<BlockLine> blocks, @ForText String text) {

  /**
   * The weights as a recipe spells them.
   *
   * @param te the ratio of the text encoders
   * @param lbw the weights of the blocks
   * @param only patterns of the modules to keep
   * @param skip patterns of the modules to leave out
   * @param elements rules for single weights of a checkpoint
   */
  public record Asked(
      Optional<Double> te,
      @Inline Optional<BlockWeights> lbw,
      Optional<List<String>> only,
      Optional<List<String>> skip,
      Optional<List<String>> elements) {}

  /** The weights of blocks. */
  public sealed interface BlockWeights {
    /**
     * A preset.
     *
     * @param lbw its name
     * @param lbwElsewhere the weight of modules outside of all blocks
     */
    record Preset(String lbw, double lbwElsewhere) implements BlockWeights {}

    /**
     * Numbers.
     *
     * @param lbw one for each block
     * @param lbwElsewhere the weight of modules outside of all blocks
     */
    record Numbers(List<Double> lbw, double lbwElsewhere) implements BlockWeights {}
  }

  /** Those of a LoRA; empty where every part has its ratio. */
  static Optional<PartWeights> of(PlannedLora lora) {
    Strength strength = lora.strength();
    return text(strength)
        .map(text ->
            new PartWeights(
                asked(strength), lora.leftOut(), lora.atZero(), BlockLine.of(lora), text));
  }

  /** The weights in words; empty where every part has its ratio. */
  static Optional<String> text(Strength strength) {
    return strength.isUniform() ? Optional.empty() : Optional.of(strength.partsText());
  }

  /** How many modules they take out, in words: {@code , 8 left out by name, 4 at weight 0}. */
  public String takenOut() {
    String byName = leftOut == 0 ? "" : ", " + leftOut + " left out by name";
    return byName + (atZero == 0 ? "" : ", " + atZero + " at weight 0");
  }

  static Asked asked(Strength strength) {
    return new Asked(
        strength.textEncoderRatio(),
        strength.blocks().map(PartWeights::blocks),
        unlessEmpty(strength.only()),
        unlessEmpty(strength.skip()),
        unlessEmpty(strength.elements().stream().map(Object::toString).toList()));
  }

  private static BlockWeights blocks(BlockList list) {
    return list.preset().isPresent()
        ? new BlockWeights.Preset(list.preset().get(), list.elsewhere())
        : new BlockWeights.Numbers(list.values(), list.elsewhere());
  }

  private static Optional<List<String>> unlessEmpty(List<String> patterns) {
    return patterns.isEmpty() ? Optional.empty() : Optional.of(patterns);
  }
}
