package athanor.delta;

import athanor.tensor.Rows;
import athanor.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

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
     * What it adds to those of its rows that a part has too.
     *
     * @throws IllegalArgumentException if it is transposed, unless the part has all its rows
     */
    public Add restrictedTo(Rows part) {
      Rows common = rows().intersect(part);
      if (common.equals(rows())) {
        return this;
      }
      if (place.transposed()) {
        throw new IllegalArgumentException(part + " of a transposed weight");
      }
      List<Rows.Run> outputs = new ArrayList<>();
      long before = 0;
      for (Rows.Run run : rows().runs()) {
        for (Rows.Run one : common.runs()) {
          Rows.Run both = one.intersect(run);
          if (both.count() > 0) {
            outputs.add(new Rows.Run(before + both.first() - run.first(), both.count()));
          }
        }
        before += run.count();
      }
      long[] dims = place.shape().dims();
      dims[0] = common.count();
      return new Add(
          new PartialDelta(delta, outputs), new Placement(common, Shape.of(dims), false), ratio);
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
}
