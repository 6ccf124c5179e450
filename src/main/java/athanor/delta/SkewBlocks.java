package athanor.delta;

import athanor.error.Problem;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.OptionalDouble;

/**
 * Rotations, stored as the skew-symmetric matrices Q that they are made of: R = (I + Q)(I − Q)⁻¹
 * (Cayley's transform), or the beginning of the series R ≈ I + 2Q + 2Q² + … + Qⁿ⁻¹. A real Q has
 * imaginary eigenvalues only, so I − Q can always be inverted. Computed in float64, rounded once.
 *
 * @param source the file that holds the values
 * @param values the stored blocks: either {@code [.., size, size]}, of which Q is the block less
 *     its transpose, or the strict upper triangle of Q in each row, {@code [.., size·(size − 1)/2]}
 * @param form which of the two
 * @param size rows and columns of a block
 * @param factor what Q is multiplied by; −1 gives the transposed rotation
 * @param constraint the largest Frobenius norm of all Q together; larger ones are shortened to it
 * @param terms terms of the series; 0 for Cayley's transform itself
 */
public record SkewBlocks(
    StateDict source,
    TensorInfo values,
    Form form,
    int size,
    double factor,
    OptionalDouble constraint,
    int terms) {

  /** How a block is stored. */
  public enum Form {
    /** A whole matrix B, with Q = B − Bᵀ. */
    SQUARE,
    /** The strict upper triangle, row by row. */
    TRIANGLE
  }

  /** As LyCORIS and kohya add it to both norms of the constraint. */
  private static final double CONSTRAINT_EPSILON = 1e-8;

  /** Q of this size costs half the digits of float64; those that are trained are below 10. */
  private static final double LARGEST = 1e8;

  /** Values of one stored block. */
  private long stored() {
    return form == Form.SQUARE ? (long) size * size : (long) size * (size - 1) / 2;
  }

  /** How many blocks there are. */
  public int count() {
    return Math.toIntExact(values.shape().elementCount() / stored());
  }

  /** Bytes of heap that the rotations take, with what exists while one is computed. */
  public long loadedBytes() {
    return Float.BYTES * ((long) count() + 4) * size * size;
  }

  /**
   * The rotations, {@code [count, size, size]}, rounded to the precision.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if they cannot be read, hold NaN or
   *     infinite values, or values so large that no rotation comes of them
   */
  float[] load(Arithmetic arithmetic) {
    float[] read = arithmetic.read(source, values);
    double shrunk = factor * shortening(read);
    int area = size * size;
    float[] rotations = new float[Math.multiplyExact(count(), area)];
    double[] block = new double[area];
    for (int i = 0; i < count(); i++) {
      fill(read, i, shrunk, block);
      double[] rotation = terms == 0 ? transform(block) : series(block);
      for (int k = 0; k < area; k++) {
        rotations[i * area + k] = (float) rotation[k];
        if (!Float.isFinite(rotations[i * area + k])) {
          throw tooLarge(rotation[k]);
        }
      }
    }
    return arithmetic.rounded(rotations);
  }

  /** What shortens all Q to the constraint; 1 where there is none, or they are short enough. */
  private double shortening(float[] read) {
    if (constraint.isEmpty()) {
      return 1;
    }
    double squares = 0;
    double[] block = new double[size * size];
    for (int i = 0; i < count(); i++) {
      fill(read, i, factor, block);
      for (double value : block) {
        squares += value * value;
      }
    }
    double norm = Math.sqrt(squares);
    double most = constraint.getAsDouble();
    return norm <= most ? 1 : (most + CONSTRAINT_EPSILON) / (norm + CONSTRAINT_EPSILON);
  }

  /** Fills a block with Q. */
  private void fill(float[] read, int index, double by, double[] block) {
    int at = Math.toIntExact(index * stored());
    for (int row = 0; row < size; row++) {
      block[row * size + row] = 0;
      for (int column = row + 1; column < size; column++) {
        double value =
            form == Form.TRIANGLE
                ? read[at++]
                : (double) read[at + row * size + column] - read[at + column * size + row];
        if (Math.abs(by * value) > LARGEST) {
          throw tooLarge(by * value);
        }
        block[row * size + column] = by * value;
        block[column * size + row] = -by * value;
      }
    }
  }

  /**
   * (I + Q)(I − Q)⁻¹ = 2(I − Q)⁻¹ − I, in place. Pivots need no choice: each is at least 1, because
   * the symmetric part of I − Q is I, and stays so large in what elimination leaves.
   */
  private double[] transform(double[] q) {
    for (int i = 0; i < q.length; i++) {
      q[i] = -q[i];
    }
    for (int i = 0; i < size; i++) {
      q[i * size + i] += 1;
    }
    double[] pivotRow = new double[size];
    for (int pivot = 0; pivot < size; pivot++) {
      double inverse = 1 / q[pivot * size + pivot];
      q[pivot * size + pivot] = 1;
      for (int column = 0; column < size; column++) {
        pivotRow[column] = q[pivot * size + column] * inverse;
      }
      System.arraycopy(pivotRow, 0, q, pivot * size, size);
      for (int row = 0; row < size; row++) {
        if (row != pivot) {
          double multiple = -q[row * size + pivot];
          q[row * size + pivot] = 0;
          for (int column = 0; column < size; column++) {
            q[row * size + column] = Math.fma(multiple, pivotRow[column], q[row * size + column]);
          }
        }
      }
    }
    for (int row = 0; row < size; row++) {
      for (int column = 0; column < size; column++) {
        q[row * size + column] = 2 * q[row * size + column] - (row == column ? 1 : 0);
      }
    }
    return q;
  }

  /** I + 2Q + 2Q² + … + Qⁿ⁻¹: every power twice but the last, which is there once. */
  private double[] series(double[] q) {
    double[] sum = new double[q.length];
    double[] power = q;
    int last = terms == 2 ? 1 : Math.max(terms - 1, 3);
    for (int exponent = 1; terms > 1 && exponent <= last; exponent++) {
      if (exponent > 1) {
        power = product(power, q);
      }
      double weight = exponent == last && terms > 2 ? 1 : 2;
      for (int i = 0; i < sum.length; i++) {
        sum[i] += weight * power[i];
      }
    }
    for (int i = 0; i < size; i++) {
      sum[i * size + i] += 1;
    }
    return sum;
  }

  private double[] product(double[] left, double[] right) {
    double[] result = new double[left.length];
    for (int row = 0; row < size; row++) {
      for (int k = 0; k < size; k++) {
        double value = left[row * size + k];
        for (int column = 0; column < size; column++) {
          result[row * size + column] += value * right[k * size + column];
        }
      }
    }
    return result;
  }

  private RuntimeException tooLarge(double value) {
    return Problem.badFile("the values are too large to make a rotation of")
        .at(source.name() + ", " + values.key())
        .found(value)
        .help("this file is broken (a failed training run?); leave it out")
        .toException();
  }
}
