package athanor.merge.method.mix;

import athanor.delta.Combination;
import athanor.delta.CombinedRows;
import athanor.delta.LoadedCombination;
import athanor.kernel.Kernels;
import athanor.tensor.Shape;

/**
 * Goes from the base to another model, column by column, as far as the two differ: the rule of
 * {@link CosineA} and {@link CosineB}.
 *
 * @param whole whether the cosine of the whole weight counts as much as that of the column
 */
record SimilarColumns(boolean whole) implements Combination {
  /** As small as a product of lengths may be before it is divided by: that of PyTorch. */
  private static final double SMALLEST = 1e-8;

  @Override
  public int firstPasses() {
    return 1;
  }

  @Override
  public long loadedBytes(Shape shape, int parts) {
    return 3 * Double.BYTES * shape.columns();
  }

  @Override
  public LoadedCombination load(Shape shape, double[] ratios, Kernels kernels) {
    return new Columns(Math.toIntExact(shape.columns()), ratios[0]);
  }

  private final class Columns implements LoadedCombination {
    private final double ratio;
    private final double[] products;
    private final double[] own;
    private final double[] others;

    Columns(int columns, double ratio) {
      this.ratio = ratio;
      this.products = new double[columns];
      this.own = new double[columns];
      this.others = new double[columns];
    }

    @Override
    public void look(int pass, CombinedRows rows) {
      float[] base = rows.base();
      float[] other = rows.values().getFirst();
      int columns = rows.columns();
      for (int i = 0; i < rows.count(); i++) {
        int column = i % columns;
        products[column] += (double) base[i] * other[i];
        own[column] += (double) base[i] * base[i];
        others[column] += (double) other[i] * other[i];
      }
    }

    @Override
    public void apply(CombinedRows rows) {
      double[] shares = shares();
      float[] base = rows.base();
      float[] other = rows.values().getFirst();
      int columns = rows.columns();
      for (int i = 0; i < rows.count(); i++) {
        double share = shares[i % columns];
        base[i] = (float) ((1 - share) * base[i] + share * other[i]);
      }
    }

    private double[] shares() {
      double all = cosine(sum(products), sum(own), sum(others));
      double[] shares = new double[products.length];
      for (int column = 0; column < shares.length; column++) {
        double similar = cosine(products[column], own[column], others[column]);
        double counted = whole ? (similar + all) / 2 : similar;
        shares[column] = 1 - Math.clamp(counted - ratio, 0, 1);
      }
      return shares;
    }

    private static double cosine(double product, double own, double other) {
      return product / Math.max(Math.sqrt(own) * Math.sqrt(other), SMALLEST);
    }

    private static double sum(double[] values) {
      double sum = 0;
      for (double value : values) {
        sum += value;
      }
      return sum;
    }
  }
}
