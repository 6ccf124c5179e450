package athanor.merge.method.mix;

import athanor.delta.Combination;
import athanor.delta.CombinedRows;
import athanor.delta.LoadedCombination;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MixMethod;
import athanor.tensor.Shape;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Model Stock: how far to go from A to the average of models that were trained from it, as the
 * angle between their changes tells. {@code W = A + r·t·mean(δ)} with {@code δᵢ = Bᵢ − A}, {@code t
 * = N·c / (1 + (N − 1)·c)}, where c is the average cosine between the changes of two models and N
 * their number; r is the average of the ratios, 1 in the paper. Of two models whose changes have
 * nothing in common, t is 0, and so it is where they undo each other. Jang, Yun, Han: "Model
 * Stock", arXiv:2403.19522; as mergekit's "model_stock".
 */
public record ModelStock() implements MixMethod {
  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "model-stock",
          Set.of("stock"),
          "model-stock (as far as several agree)",
          List.of(),
          "nothing",
          settings -> {},
          settings -> new ModelStock(),
          rank -> new ModelStock());

  @Override
  public MethodDescription<MixMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Optional<Problem> refusal(List<Kind> contributions) {
    return Refusals.unlessModels("model-stock", 2, Integer.MAX_VALUE, contributions);
  }

  @Override
  public Combination combination(String key) {
    return new Combination() {
      @Override
      public int firstPasses() {
        return 1;
      }

      @Override
      public LoadedCombination load(Shape shape, double[] ratios, Kernels kernels) {
        return new Average(ratios);
      }
    };
  }

  private static final class Average implements LoadedCombination {
    private static final double SMALLEST_NORMS = 1e-6;

    private final double ratio;
    private final int count;
    private final double[] products;

    Average(double[] ratios) {
      this.count = ratios.length;
      this.products = new double[count * count];
      double sum = 0;
      for (double one : ratios) {
        sum += one;
      }
      this.ratio = sum / count;
    }

    @Override
    public void look(int pass, CombinedRows rows) {
      for (int one = 0; one < count; one++) {
        for (int other = one; other < count; other++) {
          for (int row = 0; row < rows.to() - rows.from(); row++) {
            double sum = 0;
            int end = (row + 1) * rows.columns();
            for (int i = row * rows.columns(); i < end; i++) {
              sum += rows.change(one, i) * rows.change(other, i);
            }
            products[one * count + other] += sum;
          }
        }
      }
    }

    /** t of the paper; of a single model, which others lack the tensor of, all of it. */
    private double share() {
      double cosines = 0;
      int pairs = 0;
      for (int one = 0; one < count; one++) {
        for (int other = one + 1; other < count; other++) {
          double norms = Math.sqrt(products[one * count + one] * products[other * count + other]);
          double cosine = products[one * count + other] / Math.max(norms, SMALLEST_NORMS);
          cosines += Math.clamp(cosine, -1, 1);
          pairs++;
        }
      }
      if (pairs == 0) {
        return 1;
      }
      double cosine = cosines / pairs;
      double whole = 1 + (count - 1) * cosine;
      return whole > SMALLEST_NORMS ? count * cosine / whole : 0;
    }

    @Override
    public void apply(CombinedRows rows) {
      double factor = ratio * share() / count;
      float[] base = rows.base();
      for (int i = 0; i < rows.count(); i++) {
        double sum = 0;
        for (int part = 0; part < count; part++) {
          sum += rows.change(part, i);
        }
        base[i] = (float) (base[i] + factor * sum);
      }
    }
  }
}
