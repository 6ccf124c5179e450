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
 * The weighted Karcher (Riemannian) mean on the sphere, {@link Slerp} for any number of
 * checkpoints: the direction m that minimises {@code Σ wᵢ·angle(m, xᵢ)²}, at the length {@code Σ
 * wᵢ·|xᵢ|}. A has the weight that is left of 1; models of length 0 have no direction and do not
 * count for it. m is a sum of the models, so that their inner products, from one pass, are all it
 * takes to find it: tangent steps {@code Σ wᵢ·θᵢ/sin θᵢ·(uᵢ − cos θᵢ·m)} until one is shorter than
 * 10⁻¹⁰. As mergekit's method "karcher".
 */
public record Karcher() implements MixMethod {
  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "karcher",
          Set.of("nslerp", "n-slerp"),
          "karcher (spherical, several)",
          List.of(),
          "nothing",
          settings -> {},
          settings -> new Karcher(),
          rank -> new Karcher());

  @Override
  public MethodDescription<MixMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Optional<Problem> refusal(List<Kind> contributions) {
    return Refusals.unlessModels("karcher", 1, Integer.MAX_VALUE, contributions);
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
        return new Mean(ratios);
      }
    };
  }

  private static final class Mean implements LoadedCombination {
    private static final int MOST_STEPS = 100;
    private static final double SHORT = 1e-10;

    private final double[] weights;
    private final InnerProducts products;

    Mean(double[] ratios) {
      this.weights = new double[ratios.length + 1];
      this.weights[0] = 1;
      for (int i = 0; i < ratios.length; i++) {
        weights[i + 1] = ratios[i];
        weights[0] -= ratios[i];
      }
      this.products = new InnerProducts(weights.length);
    }

    @Override
    public void look(int pass, CombinedRows rows) {
      products.add(rows);
    }

    @Override
    public void apply(CombinedRows rows) {
      double[] factors = factors();
      float[] base = rows.base();
      for (int i = 0; i < rows.count(); i++) {
        double sum = factors[0] * base[i];
        for (int part = 0; part < rows.parts(); part++) {
          sum += factors[part + 1] * rows.values().get(part)[i];
        }
        base[i] = (float) sum;
      }
    }

    /** How often each model is in the mean. */
    private double[] factors() {
      int count = weights.length;
      double[] lengths = new double[count];
      double length = 0;
      double weight = 0;
      for (int i = 0; i < count; i++) {
        lengths[i] = Math.sqrt(products.of(i, i));
        length += weights[i] * lengths[i];
        weight += lengths[i] > 0 ? weights[i] : 0;
      }
      if (weight == 0) {
        return weights;
      }
      double[] shares = new double[count];
      for (int i = 0; i < count; i++) {
        shares[i] = lengths[i] > 0 ? weights[i] / weight : 0;
      }
      double[] mean = direction(shares, lengths);
      for (int i = 0; i < count; i++) {
        mean[i] = lengths[i] > 0 ? mean[i] * length / lengths[i] : 0;
      }
      return mean;
    }

    /** The mean direction in terms of the directions of the models. */
    private double[] direction(double[] shares, double[] lengths) {
      double[] mean = normalised(shares.clone(), lengths);
      for (int step = 0; step < MOST_STEPS; step++) {
        double[] tangent = tangent(mean, shares, lengths);
        double length = length(tangent, lengths);
        if (length < SHORT) {
          break;
        }
        for (int i = 0; i < mean.length; i++) {
          mean[i] = Math.cos(length) * mean[i] + Math.sin(length) / length * tangent[i];
        }
        normalised(mean, lengths);
      }
      return mean;
    }

    private double[] tangent(double[] mean, double[] shares, double[] lengths) {
      double[] tangent = new double[mean.length];
      for (int i = 0; i < mean.length; i++) {
        double cosine = 0;
        for (int j = 0; j < mean.length; j++) {
          cosine += mean[j] * cosine(i, j, lengths);
        }
        double angle = Math.acos(Math.clamp(cosine, -1, 1));
        if (shares[i] == 0 || Math.sin(angle) < SHORT) {
          continue;
        }
        double factor = shares[i] * angle / Math.sin(angle);
        tangent[i] += factor;
        for (int j = 0; j < mean.length; j++) {
          tangent[j] -= factor * cosine * mean[j];
        }
      }
      return tangent;
    }

    private double[] normalised(double[] vector, double[] lengths) {
      double length = length(vector, lengths);
      for (int i = 0; i < vector.length && length > 0; i++) {
        vector[i] /= length;
      }
      return vector;
    }

    private double length(double[] vector, double[] lengths) {
      double square = 0;
      for (int i = 0; i < vector.length; i++) {
        for (int j = 0; j < vector.length; j++) {
          square += vector[i] * vector[j] * cosine(i, j, lengths);
        }
      }
      return Math.sqrt(Math.max(0, square));
    }

    private double cosine(int one, int other, double[] lengths) {
      return lengths[one] == 0 || lengths[other] == 0
          ? 0
          : products.of(one, other) / (lengths[one] * lengths[other]);
    }
  }
}
