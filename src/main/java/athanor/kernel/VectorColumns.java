package athanor.kernel;

import static athanor.kernel.ScalarColumns.SUMS;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Float64 vector operations on vector registers. The sixteen partial sums of a reduction fill two
 * registers of 512 bits, four of 256 or eight of 128.
 */
final class VectorColumns {
  private static final VectorSpecies<Double> SPECIES = VectorSpeciesChoice.DOUBLE;
  private static final int LANES = SPECIES.length();
  private static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(float.class, VectorShape.forBitSize(32 * LANES));

  private VectorColumns() {}

  static double sumOfSquares(float[] values, int offset, int count) {
    double[] sums = new double[SUMS];
    int done = count - count % SUMS;
    for (int sum = 0; sum < SUMS; sum += 2 * LANES) {
      DoubleVector even = DoubleVector.zero(SPECIES);
      DoubleVector odd = DoubleVector.zero(SPECIES);
      for (int i = offset + sum; i < offset + done; i += SUMS) {
        DoubleVector first = doubles(values, i);
        DoubleVector second = doubles(values, i + LANES);
        even = first.fma(first, even);
        odd = second.fma(second, odd);
      }
      even.intoArray(sums, sum);
      odd.intoArray(sums, sum + LANES);
    }
    ScalarColumns.addSquares(values, offset, done, count, sums);
    return ScalarColumns.total(sums);
  }

  private static DoubleVector doubles(float[] values, int index) {
    return (DoubleVector)
        FloatVector.fromArray(FLOATS, values, index).convertShape(VectorOperators.F2D, SPECIES, 0);
  }

  static double dot(double[] x, int xOffset, double[] y, int yOffset, int count) {
    double[] sums = new double[SUMS];
    int done = count - count % SUMS;
    // Two registers at a time: one pass at 512 bits, two at 256, four at 128.
    for (int sum = 0; sum < SUMS; sum += 2 * LANES) {
      DoubleVector even = DoubleVector.zero(SPECIES);
      DoubleVector odd = DoubleVector.zero(SPECIES);
      for (int i = sum; i < done; i += SUMS) {
        int xi = xOffset + i;
        int yi = yOffset + i;
        even = load(x, xi).fma(load(y, yi), even);
        odd = load(x, xi + LANES).fma(load(y, yi + LANES), odd);
      }
      even.intoArray(sums, sum);
      odd.intoArray(sums, sum + LANES);
    }
    ScalarColumns.addProducts(x, xOffset, y, yOffset, done, count, sums);
    return ScalarColumns.total(sums);
  }

  static void reflect(
      double[] v,
      int vOffset,
      int count,
      double beta,
      double[] columns,
      int offset,
      int stride,
      int columnCount) {
    int done = SPECIES.loopBound(count);
    for (int j = 0; j < columnCount; j++) {
      int column = offset + j * stride;
      double factor = -beta * dot(v, vOffset, columns, column, count);
      DoubleVector factors = DoubleVector.broadcast(SPECIES, factor);
      for (int i = 0; i < done; i += LANES) {
        factors.fma(load(v, vOffset + i), load(columns, column + i)).intoArray(columns, column + i);
      }
      ScalarColumns.addMultiple(factor, v, vOffset, columns, column, done, count);
    }
  }

  static void rotate(double[] columns, int x, int y, int count, double cosine, double sine) {
    int done = SPECIES.loopBound(count);
    DoubleVector cosines = DoubleVector.broadcast(SPECIES, cosine);
    for (int i = 0; i < done; i += LANES) {
      DoubleVector xs = load(columns, x + i);
      DoubleVector ys = load(columns, y + i);
      cosines.fma(xs, ys.mul(-sine)).intoArray(columns, x + i);
      cosines.fma(ys, xs.mul(sine)).intoArray(columns, y + i);
    }
    ScalarColumns.rotate(columns, x, y, done, count, cosine, sine);
  }

  private static DoubleVector load(double[] values, int index) {
    return DoubleVector.fromArray(SPECIES, values, index);
  }
}
