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
 * Adds a smoothed difference: {@code A + M·gauss(median(B − C))}, the median of every value and its
 * neighbours in all dimensions of the weight, then a Gaussian of deviation 1 along each. At the
 * edges values are mirrored, as SciPy's {@code median_filter(size=3)} and {@code
 * gaussian_filter(sigma=1)} do. SuperMerger's calculation mode "smoothAdd". It holds a whole weight
 * in memory.
 */
public record SmoothAdd() implements MixMethod {
  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "smooth-add",
          Set.of("smoothadd"),
          "smooth-add (smoothed difference)",
          List.of(),
          "nothing",
          settings -> {},
          settings -> new SmoothAdd(),
          rank -> new SmoothAdd());

  @Override
  public MethodDescription<MixMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Optional<Problem> refusal(List<Kind> contributions) {
    return Refusals.unlessDifferences("smooth-add", contributions);
  }

  @Override
  public Combination combination(String key) {
    return new Combination() {
      @Override
      public int rowsTogether(Shape shape) {
        return Math.toIntExact(shape.rows());
      }

      @Override
      public long loadedBytes(Shape shape, int parts) {
        return 2 * Float.BYTES * shape.elementCount();
      }

      @Override
      public LoadedCombination load(Shape shape, double[] ratios, Kernels kernels) {
        return rows -> add(rows, ratios, new Smoothing(shape));
      }
    };
  }

  private static void add(CombinedRows rows, double[] ratios, Smoothing smoothing) {
    float[] base = rows.base();
    for (int part = 0; part < ratios.length; part++) {
      float[] difference = new float[rows.count()];
      for (int i = 0; i < difference.length; i++) {
        difference[i] = (float) rows.change(part, i);
      }
      float[] smooth = smoothing.of(difference);
      for (int i = 0; i < smooth.length; i++) {
        base[i] = (float) (base[i] + ratios[part] * smooth[i]);
      }
    }
  }
}
