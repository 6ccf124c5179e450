package athanor.delta;

import athanor.kernel.Kernels;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A sum whose rows or columns get new lengths: f(W) = m · V / ‖V‖ with V = W + ΔW, where the norm
 * is that of each output over all its inputs, or of each input over all outputs and the kernel. The
 * norms are those of V, as it was trained, not of W; they are summed in float64 in the order of
 * rows. A row or column of V that is 0 has no direction: there W stays as it is.
 *
 * @param source the file that holds the magnitudes
 * @param magnitudes m, one value for each output or input, in any shape
 * @param side what a magnitude belongs to
 * @param sum what is added to W before its length is set, at full strength; all as large as the
 *     weight
 */
public record MagnitudeTransform(
    StateDict source, TensorInfo magnitudes, Side side, List<Change.Add> sum)
    implements RowTransform {

  /** Copies the list. */
  public MagnitudeTransform {
    sum = List.copyOf(sum);
  }

  /** Lengths of columns are known when all rows have been seen. */
  @Override
  public FirstPass firstPass() {
    return side == Side.INPUTS ? FirstPass.OF_WHAT_IS_THERE : FirstPass.NONE;
  }

  @Override
  public long loadedBytes() {
    long width =
        side == Side.INPUTS ? sum.stream().mapToLong(a -> a.place().inputs()).max().orElse(0) : 0;
    return sum.stream().mapToLong(Change::loadedBytes).sum()
        + Float.BYTES * magnitudes.shape().elementCount()
        + 2 * Double.BYTES * width;
  }

  @Override
  public LoadedTransform load(Shape shape, Arithmetic arithmetic) {
    List<Term> terms = new ArrayList<>();
    for (Change.Add add : sum) {
      terms.add(new Term(add.delta().load(arithmetic), (float) add.factor()));
    }
    float[] lengths = arithmetic.rounded(arithmetic.read(source, magnitudes));
    Sum total = new Sum(terms, Math.toIntExact(shape.columns()));
    return side == Side.OUTPUTS
        ? new OfOutputs(total, lengths, arithmetic.kernels())
        : new OfInputs(total, lengths);
  }

  private record Term(LoadedDelta delta, float factor) {}

  /** Computes V for some rows. */
  private static final class Sum {
    private final List<Term> terms;
    private final int width;
    private float[] values = new float[0];
    private float[] scratch = new float[0];

    Sum(List<Term> terms, int width) {
      this.terms = terms;
      this.width = width;
    }

    /** V of these rows; valid until the next call. */
    float[] of(int from, int to, float[] weight) {
      int count = (to - from) * width;
      if (values.length < count) {
        values = new float[count];
        scratch = new float[count];
      }
      System.arraycopy(weight, 0, values, 0, count);
      for (Term term : terms) {
        term.delta().rows(from, to, scratch);
        for (int i = 0; i < count; i++) {
          values[i] = Math.fma(term.factor(), scratch[i], values[i]);
        }
      }
      return values;
    }
  }

  private record OfOutputs(Sum sum, float[] lengths, Kernels kernels) implements LoadedTransform {
    @Override
    public void apply(int from, int to, float[] values) {
      float[] total = sum.of(from, to, values);
      for (int row = 0; row < to - from; row++) {
        int offset = row * sum.width;
        double norm = Math.sqrt(kernels.sumOfSquares(total, offset, sum.width));
        if (norm > 0) {
          double factor = lengths[from + row] / norm;
          for (int i = offset; i < offset + sum.width; i++) {
            values[i] = (float) (total[i] * factor);
          }
        }
      }
    }
  }

  private static final class OfInputs implements LoadedTransform {
    private final Sum sum;
    private final float[] lengths;

    /** Until the first rows are asked for squares, column by column; then factors. */
    private final double[] columns;

    /** Columns without direction. */
    private int[] still = new int[0];

    private boolean finished;

    OfInputs(Sum sum, float[] lengths) {
      this.sum = sum;
      this.lengths = lengths;
      this.columns = new double[sum.width];
    }

    @Override
    public void look(int from, int to, float[] values) {
      float[] total = sum.of(from, to, values);
      for (int row = 0; row < to - from; row++) {
        int offset = row * sum.width;
        for (int column = 0; column < sum.width; column++) {
          double value = total[offset + column];
          columns[column] += value * value;
        }
      }
    }

    /** Factors from squares. */
    private void finish() {
      int kernel = sum.width / lengths.length;
      boolean[] directions = new boolean[lengths.length];
      for (int input = 0; input < lengths.length; input++) {
        double squares = 0;
        for (int k = 0; k < kernel; k++) {
          squares += columns[input * kernel + k];
        }
        for (int k = 0; k < kernel; k++) {
          columns[input * kernel + k] = squares > 0 ? lengths[input] / Math.sqrt(squares) : 0;
        }
        directions[input] = squares > 0;
      }
      still = IntStream.range(0, sum.width).filter(c -> !directions[c / kernel]).toArray();
      finished = true;
    }

    @Override
    public void apply(int from, int to, float[] values) {
      if (!finished) {
        finish();
      }
      float[] total = sum.of(from, to, values);
      for (int row = 0; row < to - from; row++) {
        int offset = row * sum.width;
        for (int column = 0; column < sum.width; column++) {
          total[offset + column] = (float) (total[offset + column] * columns[column]);
        }
        for (int column : still) {
          total[offset + column] = values[offset + column];
        }
      }
      System.arraycopy(total, 0, values, 0, (to - from) * sum.width);
    }
  }
}
