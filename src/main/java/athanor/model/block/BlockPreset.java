package athanor.model.block;

import athanor.error.NearestNames;
import athanor.error.Problem;
import athanor.model.table.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Block weights under a name, such as {@code OUTALL}: the presets that the lora-block-weight and
 * SuperMerger extensions ship with, and those for models whose blocks are a row.
 *
 * @param name upper case
 * @param weights numbers in the order of the {@link BlockLayout} of that length; none if it is not
 *     for UNets
 * @param slots which slots have full weight in models whose blocks are a row, if it is for those
 */
public record BlockPreset(String name, List<Double> weights, Optional<SlotRule> slots) {
  private static final String RESOURCE = "presets.txt";

  /** Copies the list. */
  public BlockPreset {
    weights = List.copyOf(weights);
  }

  /** All presets, in their usual order. */
  public static List<BlockPreset> all() {
    return Presets.ALL;
  }

  /**
   * The preset of this name; letter case does not matter.
   *
   * @throws athanor.error.AthanorException of kind USAGE that suggests the nearest names
   */
  public static BlockPreset named(String name) {
    return all().stream()
        .filter(preset -> preset.name.equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() -> unknown(name).toException());
  }

  private static Problem unknown(String name) {
    List<String> names = all().stream().map(BlockPreset::name).toList();
    Problem problem = Problem.usage("there is no block weight preset of this name").found(name);
    List<String> near = NearestNames.of(name, names);
    return near.isEmpty()
        ? problem.help("presets: " + String.join(", ", names))
        : problem.help("did you mean " + String.join(" or ", near) + "?");
  }

  private static List<BlockPreset> load() {
    Map<String, SlotRule> rules = SlotRule.all();
    List<BlockPreset> presets = new ArrayList<>();
    for (String line : Section.lines(BlockPreset.class, RESOURCE)) {
      presets.add(parse(line, rules));
    }
    rules.forEach((name, rule) -> {
      if (presets.stream().noneMatch(preset -> preset.name.equals(name))) {
        presets.add(new BlockPreset(name, List.of(), Optional.of(rule)));
      }
    });
    return List.copyOf(presets);
  }

  private static BlockPreset parse(String line, Map<String, SlotRule> rules) {
    String[] fields = line.split(" ", 2);
    List<Double> weights = Stream.of(fields[1].split(",")).map(Double::valueOf).toList();
    return new BlockPreset(fields[0], weights, Optional.ofNullable(rules.get(fields[0])));
  }

  private static final class Presets {
    static final List<BlockPreset> ALL = load();
  }
}
