package athanor.delta;

import athanor.tensor.Rows;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.stream.Stream;

/**
 * What happens to some rows of a tensor. Changes of a tensor apply in the order of the plan, all in
 * float32, before the result is rounded once. Immutable and thread-safe.
 */
public sealed interface Change {
  /** Where. */
  Placement place();

  /** The rows that it changes. */
  default Rows rows() {
    return place().rows();
  }

  /** This change with its strength multiplied. */
  Change times(double ratio);

  /** Whether it leaves every value as it is. */
  boolean changesNothing();

  /** Bytes of heap that its loaded values take. */
  long loadedBytes();

  /**
   * Whether it can be split: every row becomes what it becomes alone, and without a look at the
   * others.
   */
  default boolean isRowByRow() {
    return !place().transposed();
  }

  /**
   * What it does to some of its outputs, elsewhere: in a checkpoint that holds in several tensors
   * what this change was made for as one.
   *
   * @param outputs the outputs, counted in the order of this change's rows
   * @param elsewhere the rows that they are there, as many and in the same order
   * @throws IllegalArgumentException unless {@link #isRowByRow}, or if the numbers differ
   */
  Change partAt(List<Rows.Run> outputs, Rows elsewhere);

  /**
   * Adds a matrix: W + ratio · scale · values.
   *
   * @param delta the matrix, as large as the placement
   * @param place where it goes
   * @param ratio how strongly, beside the delta's own scale
   */
  record Add(Delta delta, Placement place, double ratio) implements Change {
    /**
     * Compares the sizes.
     *
     * @throws IllegalArgumentException if they differ
     */
    public Add {
      if (delta.outputs() != place.outputs() || delta.inputs() != place.inputs()) {
        throw new IllegalArgumentException(
            delta.outputs() + " × " + delta.inputs() + " for " + place.shape());
      }
    }

    /** At full strength. */
    public Add(Delta delta, Placement place) {
      this(delta, place, 1);
    }

    /** ratio · scale. */
    public double factor() {
      return ratio * delta.scale();
    }

    /**
     * What it adds to those of its rows that a part has too, in the part's order.
     *
     * @throws IllegalArgumentException if it is transposed, unless the part has all its rows
     */
    public Add restrictedTo(Rows part) {
      Rows both = part.intersect(rows());
      Rows common = both.count() == part.count() ? part : both;
      if (common.equals(rows())) {
        return this;
      }
      if (place.transposed()) {
        throw new IllegalArgumentException(part + " of a transposed weight");
      }
      return partAt(rows().positionsOf(common), common);
    }

    @Override
    public Add partAt(List<Rows.Run> outputs, Rows elsewhere) {
      return new Add(new PartialDelta(delta, outputs), place.partAt(elsewhere), ratio);
    }

    @Override
    public Add times(double more) {
      return new Add(delta, place, ratio * more);
    }

    @Override
    public boolean changesNothing() {
      return ratio == 0 || delta.scale() == 0;
    }

    @Override
    public long loadedBytes() {
      return delta.loadedBytes();
    }
  }

  /**
   * Replaces rows by what becomes of them: W + strength · (f(W) − W), which is W at 0 and f(W) at
   * 1, where W is what earlier changes left.
   *
   * @param transform f
   * @param place the rows
   * @param strength how strongly
   */
  record Transform(RowTransform transform, Placement place, double strength) implements Change {
    /** At full strength. */
    public Transform(RowTransform transform, Placement place) {
      this(transform, place, 1);
    }

    @Override
    public boolean isRowByRow() {
      return !place.transposed()
          && transform.firstPass() == RowTransform.FirstPass.NONE
          && transform.rowsTogether() == 1;
    }

    @Override
    public Transform partAt(List<Rows.Run> outputs, Rows elsewhere) {
      if (!isRowByRow()) {
        throw new IllegalArgumentException("a part of a transform of all rows");
      }
      return new Transform(
          new PartialTransform(transform, outputs, place.shape().rows()),
          place.partAt(elsewhere),
          strength);
    }

    @Override
    public Transform times(double more) {
      return new Transform(transform, place, strength * more);
    }

    @Override
    public boolean changesNothing() {
      return strength == 0;
    }

    @Override
    public long loadedBytes() {
      return transform.loadedBytes();
    }
  }

  /**
   * Replaces a weight by what a rule makes of it and of the same weight of other models.
   *
   * @param rule the rule
   * @param place the weight; with fewer columns than the tensor where some model has fewer
   * @param parts what is combined with it, in order
   */
  record Combine(Combination rule, Placement place, List<Part> parts) implements Change {
    /** Copies the list. */
    public Combine {
      parts = List.copyOf(parts);
    }

    @Override
    public boolean isRowByRow() {
      return false;
    }

    @Override
    public Combine partAt(List<Rows.Run> outputs, Rows elsewhere) {
      throw new IllegalArgumentException("a part of a combination");
    }

    @Override
    public Combine times(double more) {
      return new Combine(rule, place, parts.stream().map(part -> part.times(more)).toList());
    }

    @Override
    public boolean changesNothing() {
      return parts.stream().allMatch(part -> part.ratio() == 0);
    }

    @Override
    public long loadedBytes() {
      long deltas =
          parts.stream()
              .flatMap(part -> Stream.of(part.values(), part.reference()))
              .distinct()
              .mapToLong(Operand::loadedBytes)
              .sum();
      return rule.loadedBytes(place.shape(), parts.size()) + deltas;
    }
  }

  /**
   * One contribution to a {@link Combine}: values, as a change from a reference.
   *
   * @param contribution which of the merge's contributions it is, counted from 0
   * @param values the weight of a model, or what LoRAs add
   * @param reference what the values are a change from
   * @param ratio how strongly
   */
  record Part(int contribution, Operand values, Operand reference, double ratio) {
    Part times(double more) {
      return new Part(contribution, values, reference, ratio * more);
    }
  }

  /** Where values that are combined come from. */
  sealed interface Operand {
    /** Bytes of heap that stay loaded. */
    default long loadedBytes() {
      return 0;
    }

    /** The weight that is there. */
    record Base() implements Operand {}

    /** Zeros. */
    record Nothing() implements Operand {}

    /**
     * A tensor of a file, with as many rows as the weight and at least as many columns.
     *
     * @param file another checkpoint
     * @param tensor one of its tensors
     */
    record Stored(StateDict file, TensorInfo tensor) implements Operand {}

    /**
     * What LoRAs add to the weight, summed.
     *
     * @param adds where their matrices go
     */
    record Sum(List<Add> adds) implements Operand {
      /** Copies the list. */
      public Sum {
        adds = List.copyOf(adds);
      }

      @Override
      public long loadedBytes() {
        return adds.stream().mapToLong(Add::loadedBytes).sum();
      }
    }
  }
}
