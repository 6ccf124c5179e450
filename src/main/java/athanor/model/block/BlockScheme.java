package athanor.model.block;

import athanor.model.table.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How the blocks of a kind of model are named and ordered. The schemes are in the table {@code
 * schemes.txt}.
 *
 * @param name what layouts and architectures call it, such as {@code unet}
 * @param blocks its blocks, in order
 */
public record BlockScheme(String name, List<Block> blocks) {
  private static final List<BlockScheme> ALL =
      Section.read(BlockScheme.class, "schemes.txt").stream().map(BlockScheme::of).toList();

  /** Copies the list. */
  public BlockScheme {
    blocks = List.copyOf(blocks);
  }

  /** All schemes, that of UNets first. */
  public static List<BlockScheme> all() {
    return ALL;
  }

  /**
   * The scheme of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static BlockScheme named(String name) {
    return ALL.stream()
        .filter(scheme -> scheme.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no block scheme " + name));
  }

  /**
   * The block of this name, in upper case.
   *
   * @throws IllegalArgumentException if the scheme has none
   */
  public Block block(String slot) {
    return find(slot)
        .orElseThrow(() -> new IllegalArgumentException("no block " + slot + " in " + name));
  }

  /** The block of this name; empty if the scheme has none. */
  public Optional<Block> find(String slot) {
    return blocks.stream().filter(block -> block.name().equals(slot)).findFirst();
  }

  private static BlockScheme of(Section section) {
    List<String> names = expand(section.words("slots"));
    var blocks = new ArrayList<Block>();
    for (String name : names) {
      blocks.add(new Block(section.name(), name, blocks.size()));
    }
    return new BlockScheme(section.name(), blocks);
  }

  /** Writes {@code IN00..IN11} out. */
  static List<String> expand(List<String> words) {
    var names = new ArrayList<String>();
    for (String word : words) {
      int dots = word.indexOf("..");
      if (dots < 0) {
        names.add(word);
        continue;
      }
      String stem = word.substring(0, dots).replaceAll("\\d+$", "");
      String digits = word.substring(stem.length(), dots);
      int last = Integer.parseInt(word.substring(dots + 2 + stem.length()));
      for (int number = Integer.parseInt(digits); number <= last; number++) {
        names.add(stem + String.format(Locale.ROOT, "%0" + digits.length() + "d", number));
      }
    }
    return names;
  }
}
