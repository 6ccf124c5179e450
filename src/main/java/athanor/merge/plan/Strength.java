package athanor.merge.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How strongly a contribution is applied, as a whole and in its parts: read once from what the user
 * wrote, and the same value up to the plan, which computes factors from it. Immutable.
 *
 * <p>A pattern of {@code only} or {@code skip} is compared with the module's name as the file
 * spells it, as kohya and as diffusers spell it, and with the key of the weight in the checkpoint.
 * With {@code *} or {@code ?} it must fit a whole name; without, it need only occur in one. Letter
 * case does not count. {@code @unet}, {@code @te} and {@code @vae} are parts of the model.
 *
 * @param ratio any finite number; 1 is full strength, negative subtracts
 * @param textEncoderRatio the ratio of the text encoders; empty for {@code ratio}
 * @param blocks a weight for each block, multiplied with the ratio; BASE rules the text encoders
 * @param only patterns; unless empty, modules that none of them fits are left out
 * @param skip patterns; modules that one of them fits are left out
 * @param elements ratios of single weights of a checkpoint, which count instead of all before; of
 *     several rules for one weight the last
 */
public record Strength(
    double ratio,
    Optional<Double> textEncoderRatio,
    Optional<BlockList> blocks,
    List<String> only,
    List<String> skip,
    List<ElementRule> elements) {

  /** The whole contribution, as it was made. */
  public static final Strength FULL = of(1);

  /** Copies the lists. */
  public Strength {
    only = List.copyOf(only);
    skip = List.copyOf(skip);
    elements = List.copyOf(elements);
  }

  /** Without rules for single weights. */
  public Strength(
      double ratio,
      Optional<Double> textEncoderRatio,
      Optional<BlockList> blocks,
      List<String> only,
      List<String> skip) {
    this(ratio, textEncoderRatio, blocks, only, skip, List.of());
  }

  /** The same with rules for single weights. */
  public Strength withElements(List<ElementRule> rules) {
    return new Strength(ratio, textEncoderRatio, blocks, only, skip, rules);
  }

  /** Every part with this ratio. */
  public static Strength of(double ratio) {
    return new Strength(ratio, Optional.empty(), Optional.empty(), List.of(), List.of());
  }

  /** Whether every part has the ratio of the whole. */
  public boolean isUniform() {
    return equals(of(ratio));
  }

  /** Whether neither the ratio nor that of the text encoders lets anything be applied. */
  public boolean isZero() {
    return ratio == 0 && textEncoderRatio.orElse(0.0) == 0 && elements.isEmpty();
  }

  /** Whether modules are chosen by name. */
  public boolean hasFilter() {
    return !only.isEmpty() || !skip.isEmpty();
  }

  /** The same with another ratio of the whole. */
  public Strength withRatio(double other) {
    return new Strength(other, textEncoderRatio, blocks, only, skip, elements);
  }

  /** The same with other ratios of the whole and of the text encoders. */
  public Strength withRatios(double whole, Optional<Double> textEncoders) {
    return new Strength(whole, textEncoders, blocks, only, skip, elements);
  }

  /** The same without what fits a pattern. */
  public Strength skipping(String pattern) {
    List<String> more = new ArrayList<>(skip);
    more.add(pattern);
    return new Strength(ratio, textEncoderRatio, blocks, only, more, elements);
  }

  /** Every part that fits a pattern, with this ratio. */
  public static Strength ofOnly(double ratio, String pattern) {
    return new Strength(ratio, Optional.empty(), Optional.empty(), List.of(pattern), List.of());
  }

  /** The same with these block weights. */
  public Strength withBlocks(BlockList list) {
    return new Strength(ratio, textEncoderRatio, Optional.of(list), only, skip, elements);
  }

  /**
   * What is said of the parts, in a few words: {@code te 0.3, lbw OUTALL, skip ff}; empty if {@link
   * #isUniform}.
   */
  public String partsText() {
    List<String> words = new ArrayList<>();
    textEncoderRatio.ifPresent(own -> words.add("te " + Numbers.text(own)));
    blocks.ifPresent(list -> words.add("lbw " + list.text()));
    if (!only.isEmpty()) {
      words.add("only " + String.join(",", only));
    }
    if (!skip.isEmpty()) {
      words.add("skip " + String.join(",", skip));
    }
    if (!elements.isEmpty()) {
      words.add(
          "elements " + elements.stream().map(Object::toString).collect(Collectors.joining(",")));
    }
    return String.join(", ", words);
  }
}
