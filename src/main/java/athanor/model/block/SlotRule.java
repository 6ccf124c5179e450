package athanor.model.block;

import athanor.model.table.Section;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Which slots of a scheme have full weight, by their names: a line of the table {@code
 * slot-presets.txt}.
 *
 * @param words slots, the letters before their numbers, ranges of their places, or {@code *}
 */
record SlotRule(List<String> words) {
  private static final Pattern NUMBERED = Pattern.compile("[A-Z]+\\d\\d");
  private static final String RESOURCE = "slot-presets.txt";

  /** All rules by the names of their presets, in the order of the table. */
  static Map<String, SlotRule> all() {
    var rules = new LinkedHashMap<String, SlotRule>();
    for (String line : Section.lines(SlotRule.class, RESOURCE)) {
      List<String> words = List.of(line.split("\\s+"));
      rules.put(words.getFirst(), new SlotRule(words.subList(1, words.size())));
    }
    return rules;
  }

  /** 1 for a slot that the rule names, 0 for any other. */
  double factor(Block block) {
    return words.stream().anyMatch(word -> names(word, block)) ? 1 : 0;
  }

  /** Whether a scheme has a slot that the rule names, unless it names none on purpose. */
  boolean fits(BlockScheme scheme) {
    boolean meansBlocks =
        words.stream().anyMatch(word -> word.length() == 1 || word.contains(".."));
    return !meansBlocks
        || scheme.blocks().stream().anyMatch(block -> isNumbered(block) && factor(block) > 0);
  }

  private static boolean names(String word, Block block) {
    if (word.equals("*") || word.equals(block.name())) {
      return true;
    }
    if (!isNumbered(block)) {
      return false;
    }
    int dots = word.indexOf("..");
    if (dots < 0) {
      return word.equals(stem(block));
    }
    List<Block> numbered =
        BlockScheme.named(block.scheme()).blocks().stream().filter(SlotRule::isNumbered).toList();
    double place = (double) numbered.indexOf(block) / numbered.size();
    return place >= Double.parseDouble(word.substring(0, dots))
        && place < Double.parseDouble(word.substring(dots + 2));
  }

  private static boolean isNumbered(Block block) {
    return NUMBERED.matcher(block.name()).matches();
  }

  private static String stem(Block block) {
    return block.name().substring(0, block.name().length() - 2);
  }
}
