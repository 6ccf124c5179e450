package athanor.analysis;

import athanor.model.Component;
import java.util.Comparator;
import java.util.Optional;

/**
 * A part of a model that numbers are summed over.
 *
 * @param component such as the UNet
 * @param block one of its blocks; empty for all of it
 * @param slot the block's place in its scheme
 */
public record Area(Component component, Optional<String> block, int slot)
    implements Comparable<Area> {
  private static final Comparator<Area> ORDER =
      Comparator.comparing(Area::component).thenComparingInt(Area::slot);

  /** The block that something was measured in. */
  static Area of(Measurement measured) {
    return new Area(
        measured.component(), Optional.of(measured.block().name()), measured.block().slot());
  }

  /** The component of this. */
  Area whole() {
    return new Area(component, Optional.empty(), -1);
  }

  /** By component, then in the order of the blocks. */
  @Override
  public int compareTo(Area other) {
    return ORDER.compare(this, other);
  }

  /** Such as {@code UNet} or {@code IN04}; blocks of text encoders with their component. */
  @Override
  public String toString() {
    return block
        .map(name -> component.isTextEncoder() ? component.label() + " " + name : name)
        .orElse(component.label());
  }
}
