package athanor.model;

import athanor.tensor.Rows.Run;
import athanor.tensor.Shape;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A module that a checkpoint holds in several tensors, where other layouts have one: a fused
 * projection in the layout of diffusers. What changes it changes each part by those of its rows.
 *
 * @param parts what it consists of, each row once
 */
public record FusedModule(List<Part> parts) {

  /**
   * A part.
   *
   * @param target the rows of a tensor that it is
   * @param rows which rows of the module these are, in the same order, ascending
   */
  public record Part(Target target, List<Run> rows) {
    /** Copies the list. */
    public Part {
      rows = List.copyOf(rows);
    }
  }

  /** Copies the list. */
  public FusedModule {
    parts = List.copyOf(parts);
  }

  /** The shape of its weight, {@code [rows, columns, …]}. */
  public Shape shape() {
    long[] dims = parts.getFirst().target().shape().dims();
    dims[0] = parts.stream().mapToLong(part -> part.target().weight().count()).sum();
    return Shape.of(dims);
  }

  /** Whether every part has a bias. */
  public boolean hasBias() {
    return parts.stream().allMatch(part -> part.target().bias().isPresent());
  }

  /** This module in a file that spells its keys otherwise. */
  public FusedModule respelled(UnaryOperator<Target> stored) {
    return new FusedModule(
        parts.stream().map(part -> new Part(stored.apply(part.target()), part.rows())).toList());
  }
}
