package athanor.merge.plan;

import athanor.error.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A rule for single weights of a checkpoint, as SuperMerger's elemental merge has it: {@code
 * BLOCKS:ELEMENTS:RATIO}. In the blocks, weights whose key contains one of the elements get the
 * ratio, whatever their block has. Nothing before a colon means all; {@code NOT} before the first
 * word means all but these. Immutable.
 *
 * @param blocks names such as {@code IN04}, upper case; empty for all
 * @param otherBlocks whether it is for all blocks but these
 * @param elements parts of keys; empty for all
 * @param otherElements whether it is for all weights but these
 * @param ratio instead of that of the block
 */
public record ElementRule(
    List<String> blocks,
    boolean otherBlocks,
    List<String> elements,
    boolean otherElements,
    double ratio) {
  private static final String NOT = "NOT";

  /** Copies the lists. */
  public ElementRule {
    blocks = List.copyOf(blocks);
    elements = List.copyOf(elements);
  }

  /**
   * Reads rules between line ends or commas; {@code #} begins a comment.
   *
   * @param place where they stand, for messages
   * @throws athanor.error.AthanorException of kind USAGE if one is malformed, naming it
   */
  public static List<ElementRule> parseAll(String text, String place) {
    List<ElementRule> rules = new ArrayList<>();
    for (String line : text.lines().toList()) {
      Stream.of(line.replaceFirst("#.*", "").split(","))
          .map(String::strip)
          .filter(rule -> !rule.isEmpty())
          .forEach(rule -> rules.add(parse(rule, place)));
    }
    return rules;
  }

  private static ElementRule parse(String text, String place) {
    String[] parts = text.split(":", -1);
    if (parts.length == 3) {
      try {
        double ratio = Double.parseDouble(parts[2].strip());
        List<String> blocks = words(parts[0].toUpperCase(Locale.ROOT).replace("M00", "MID"));
        List<String> elements = words(parts[1]);
        boolean otherBlocks = blocks.remove(NOT);
        boolean otherElements = elements.remove(NOT);
        if (Double.isFinite(ratio)) {
          return new ElementRule(blocks, otherBlocks, elements, otherElements, ratio);
        }
      } catch (NumberFormatException e) {
        // Reported below, together with infinities.
      }
    }
    throw Problem.usage("this is no rule for elements")
        .at(place)
        .found("'" + text + "'")
        .expected("BLOCKS:ELEMENTS:RATIO, such as OUT03 OUT04:attn2:0.5")
        .toException();
  }

  private static List<String> words(String text) {
    return new ArrayList<>(
        Stream.of(text.strip().split("\\s+")).filter(word -> !word.isEmpty()).toList());
  }

  /** The same with the ratio multiplied. */
  public ElementRule times(double factor) {
    return new ElementRule(blocks, otherBlocks, elements, otherElements, ratio * factor);
  }

  /** Whether it is for the weight of a key in a block. */
  boolean isFor(String block, String key) {
    boolean inBlock = blocks.isEmpty() || blocks.contains(block) != otherBlocks;
    boolean isElement =
        elements.isEmpty() || elements.stream().anyMatch(key::contains) != otherElements;
    return inBlock && isElement;
  }

  /** As it is written: {@code OUT03 OUT04:attn2:0.5}. */
  @Override
  public String toString() {
    return (otherBlocks ? NOT + " " : "")
        + String.join(" ", blocks)
        + ":"
        + (otherElements ? NOT + " " : "")
        + String.join(" ", elements)
        + ":"
        + Numbers.text(ratio);
  }
}
