package athanor.model.block;

import athanor.model.table.Section;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which blocks a list of block weights names; its length tells. The layouts are in the table {@code
 * layouts.txt}.
 *
 * @param label what to call it in a sentence
 * @param scheme the scheme of its blocks
 * @param blocks the blocks in the order of the weights
 */
public record BlockLayout(String label, BlockScheme scheme, List<Block> blocks) {
  private static final List<BlockLayout> ALL =
      Section.read(BlockLayout.class, "layouts.txt").stream()
          .map(BlockLayout::of)
          .sorted(Comparator.comparingInt(BlockLayout::length))
          .toList();

  /** Copies the list. */
  public BlockLayout {
    blocks = List.copyOf(blocks);
  }

  /** All layouts, the shortest first. */
  public static List<BlockLayout> all() {
    return ALL;
  }

  /** The layout that has this many weights; empty when none has. */
  public static Optional<BlockLayout> ofLength(int length) {
    return ALL.stream().filter(layout -> layout.length() == length).findFirst();
  }

  /** The legal lengths, ascending: 12, 17, 20, 26, 61. */
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
