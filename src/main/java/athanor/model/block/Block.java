package athanor.model.block;

import java.util.Comparator;

/**
 * A block of a model, as block weights address it: a slot of a scheme. Made by {@link BlockScheme}.
 *
 * @param scheme the scheme
 * @param name the slot's name, such as {@code IN04}
 * @param slot its place in the scheme's order, from 0
 */
public record Block(String scheme, String name, int slot) implements Comparable<Block> {
  private static final Comparator<Block> ORDER =
      Comparator.comparing(Block::scheme).thenComparingInt(Block::slot);

  /** By scheme, then in the scheme's order. */
  @Override
  public int compareTo(Block other) {
    return ORDER.compare(this, other);
  }

  /** The slot's name. */
  @Override
  public String toString() {
    return name;
  }
}
