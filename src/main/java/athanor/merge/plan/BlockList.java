package athanor.merge.plan;

import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.model.block.BlockLayout;
import athanor.model.block.BlockPreset;
import athanor.model.block.BlockWeights;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Block weights as a user gives them: a preset or a list of numbers. Immutable.
 *
 * @param preset the preset's name; empty for a list of numbers
 * @param values 12, 17, 20 or 26 numbers for a UNet, else one for each slot or each numbered slot;
 *     in the order of a {@link BlockLayout}; those of a preset, if it is for UNets
 * @param elsewhere the weight of blocks that the layout does not name: {@link #PROMPT} or {@link
 *     #KOHYA}
 */
public record BlockList(Optional<String> preset, List<Double> values, double elsewhere) {
  /** What the lora-block-weight extension, and so a prompt, means for blocks not named: nothing. */
  public static final double PROMPT = 0;

  /** What kohya's {@code --lbws} means for blocks not named: full strength. */
  public static final double KOHYA = 1;

  /** Copies the list. */
  public BlockList {
    values = List.copyOf(values);
  }

  /**
   * Reads the name of a preset, or numbers between commas, colons, semicolons or blanks, with or
   * without brackets around them.
   *
   * @param text {@code OUTALL} or {@code 1,0,0.5,…}
   * @param elsewhere the weight of blocks not named
   * @param place the argument it stands in, for messages
   * @throws AthanorException of kind USAGE if the preset is unknown, a number is none or is drawn
   *     at random, or no model has so many
   */
  public static BlockList parse(String text, double elsewhere, String place) {
    String bare = text.strip().replaceAll("^[\\[\"']+|[\\]\"']+$", "").strip();
    List<String> items =
        Stream.of(bare.split("[,:;\\s]+")).filter(item -> !item.isEmpty()).toList();
    try {
      if (items.size() == 1 && Character.isLetter(bare.charAt(0))) {
        BlockPreset preset = BlockPreset.named(bare);
        return new BlockList(Optional.of(preset.name()), preset.weights(), elsewhere);
      }
    } catch (AthanorException e) {
      throw e.problem().at(place).toException();
    }
    return of(items.stream().map(item -> number(item, place)).toList(), elsewhere, place);
  }

  /**
   * A list of numbers.
   *
   * @throws AthanorException of kind USAGE if no model has so many
   */
  public static BlockList of(List<Double> values, double elsewhere, String place) {
    if (BlockLayout.allOfLength(values.size()).isEmpty()) {
      throw Problem.usage("block weights have a wrong count")
          .at(place)
          .found(values.size() == 1 ? "1 weight" : values.size() + " weights")
          .expected(
              BlockLayout.all().stream()
                      .map(layout -> layout.length() + " (" + layout.label() + ")")
                      .collect(Collectors.joining(", "))
                  + ", or one for each slot of another model")
          .help("or name a preset: " + presets())
          .toException();
    }
    return new BlockList(Optional.empty(), values, elsewhere);
  }

  private static String presets() {
    return BlockPreset.all().stream().map(BlockPreset::name).collect(Collectors.joining(", "));
  }

  private static double number(String item, String place) {
    if (item.matches("[RU]|X.*")) {
      throw Problem.usage("a block weight that is drawn at random cannot be merged")
          .at(place)
          .found("'" + item + "'")
          .expected("a number such as 0.5")
          .toException();
    }
    try {
      double value = Double.parseDouble(item);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below, together with infinities.
    }
    throw Problem.usage("a block weight is not a number")
        .at(place)
        .found("'" + item + "'")
        .expected("a number such as 0.5")
        .toException();
  }

  /** The weight of every block. */
  public BlockWeights weights() {
    return preset
        .map(name -> BlockWeights.of(BlockPreset.named(name), elsewhere))
        .orElseGet(() -> BlockWeights.of(values, elsewhere));
  }

  /** The preset's name, or the numbers between commas. */
  public String text() {
    return preset.orElseGet(
        () -> values.stream().map(Numbers::text).collect(Collectors.joining(",")));
  }
}
