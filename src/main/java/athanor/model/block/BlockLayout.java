package athanor.model.block;

import athanor.model.table.Section;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which blocks a list of block weights names; its length tells. The layouts are in the table {@code
 * layouts.txt}.
 *
 * @param label what to call it in a sentence
 * @param scheme the scheme of its blocks
 * @param blocks the blocks in the order of the weights
 */
public record BlockLayout(String label, BlockScheme scheme, List<Block> blocks) {
  private static final Pattern NUMBERED = Pattern.compile("[A-Z]+\\d\\d");
  private static final List<BlockLayout> ALL =
      Section.read(BlockLayout.class, "layouts.txt").stream()
          .map(BlockLayout::of)
          .sorted(Comparator.comparingInt(BlockLayout::length))
          .toList();
  private static final List<BlockLayout> ROWS =
      BlockScheme.all().stream()
          .skip(1)
          .flatMap(BlockLayout::rows)
          .filter(row -> row.length() > 1) // fewer are no list
          .filter(row -> ALL.stream().noneMatch(one -> one.blocks.equals(row.blocks)))
          .toList();

  /** Copies the list. */
  public BlockLayout {
    blocks = List.copyOf(blocks);
  }

  /** The layouts of the table, the shortest first. */
  public static List<BlockLayout> all() {
    return ALL;
  }

  /** The layout of the table that has this many weights; empty when none has. */
  public static Optional<BlockLayout> ofLength(int length) {
    return ALL.stream().filter(layout -> layout.length() == length).findFirst();
  }

  /**
   * Every layout that has this many weights, one at most of each scheme: those of the table, and
   * for models whose blocks are a row all slots, or the numbered ones alone.
   */
  public static List<BlockLayout> allOfLength(int length) {
    return Stream.concat(ofLength(length).stream(), ROWS.stream())
        .filter(layout -> layout.length() == length)
        .toList();
  }

  /** The lengths of the lists for a scheme, ascending. */
  public static List<Integer> lengthsFor(String scheme) {
    return Stream.concat(ALL.stream(), ROWS.stream())
        .filter(layout -> layout.scheme.name().equals(scheme))
        .map(BlockLayout::length)
        .sorted()
        .toList();
  }

  private static Stream<BlockLayout> rows(BlockScheme scheme) {
    List<Block> numbered =
        scheme.blocks().stream().filter(block -> NUMBERED.matcher(block.name()).matches()).toList();
    return Stream.of(
        new BlockLayout(scheme.name() + ", blocks", scheme, numbered),
        new BlockLayout(scheme.name() + ", all slots", scheme, scheme.blocks()));
  }

  /** The lengths of the layouts of the table, ascending: 12, 17, 20, 26, 61. */
  public static List<Integer> lengths() {
    return ALL.stream().map(BlockLayout::length).toList();
  }

  /** Number of weights. */
  public int length() {
    return blocks.size();
  }

  private static BlockLayout of(Section section) {
    BlockScheme scheme = BlockScheme.named(section.text("scheme"));
    List<String> slots = BlockScheme.expand(section.words("slots"));
    return new BlockLayout(section.name(), scheme, slots.stream().map(scheme::block).toList());
  }
}
