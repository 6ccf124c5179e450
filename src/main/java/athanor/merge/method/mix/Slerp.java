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
 * Spherical interpolation: every weight as one vector, turned from A to B by the share t of the
 * angle ω between them, at the length between theirs: {@code (sin((1 − t)·ω)·A/|A| +
 * sin(t·ω)·B/|B|) / sin ω · ((1 − t)·|A| + t·|B|)}. Where the two have one direction, or one is 0,
 * it is the weighted sum. Shoemake 1985; the form of sd-mecha. {@link Karcher} is the same for more
 * checkpoints.
 */
public record Slerp() implements MixMethod {
  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "slerp",
          Set.of(),
          "slerp (spherical, one checkpoint)",
          List.of(),
          "nothing",
          settings -> {},
          settings -> new Slerp(),
          rank -> new Slerp());

  @Override
  public MethodDescription<MixMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Optional<Problem> refusal(List<Kind> contributions) {
    return Refusals.unlessModels("slerp", 1, 1, contributions);
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
        return new Turning(ratios[0]);
      }
    };
  }

  private static final class Turning implements LoadedCombination {
    /** From here on sin ω is too close to 0: the arc is a line within float32. */
    private static final double STRAIGHT = 1e-6;

    private final double share;
    private final InnerProducts products = new InnerProducts(2);

    Turning(double share) {
      this.share = share;
    }

    @Override
    public void look(int pass, CombinedRows rows) {
      products.add(rows);
    }

    @Override
    public void apply(CombinedRows rows) {
      double lengthA = Math.sqrt(products.of(0, 0));
      double lengthB = Math.sqrt(products.of(1, 1));
      double first = 1 - share;
      double second = share;
      if (lengthA > 0 && lengthB > 0) {
        double cosine = Math.clamp(products.of(0, 1) / (lengthA * lengthB), -1, 1);
        double angle = Math.acos(cosine);
        double length = (1 - share) * lengthA + share * lengthB;
        if (Math.sin(angle) > STRAIGHT) {
          first = Math.sin((1 - share) * angle) / Math.sin(angle) * length / lengthA;
          second = Math.sin(share * angle) / Math.sin(angle) * length / lengthB;
        }
      }
      float[] base = rows.base();
      float[] other = rows.values().getFirst();
      for (int i = 0; i < rows.count(); i++) {
        base[i] = (float) (first * base[i] + second * other[i]);
      }
    }
  }
}
