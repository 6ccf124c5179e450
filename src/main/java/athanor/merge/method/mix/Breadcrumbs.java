package athanor.merge.method.mix;

import athanor.delta.Combination;
import athanor.delta.CombinedRows;
import athanor.delta.LoadedCombination;
import athanor.kernel.Kernels;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.MixMethod;
import athanor.merge.method.ParameterType;
import athanor.merge.method.Settings;
import athanor.tensor.Shape;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Model Breadcrumbs: of every change, the largest share {@code gamma} of a weight's values is taken
 * out as outliers, and of the rest the largest are kept, the share {@code density} of all; their
 * weighted sum is added: {@code A + Σ rᵢ·m(δᵢ)}. Where fewer are left than the density asks for, so
 * many fewer outliers are taken out. Values as large as the last of the outliers, or of those kept,
 * are treated as it is. Davari, Belilovsky: "Model Breadcrumbs", arXiv:2312.06795; as mergekit's
 * "breadcrumbs", and with {@code sign: total} as its "breadcrumbs_ties".
 *
 * @param density share that is kept
 * @param gamma share of outliers
 * @param sign how the sign is elected
 * @param normalize what the sum is divided by
 */
public record Breadcrumbs(double density, double gamma, SignElection sign, Normalization normalize)
    implements MixMethod {
  private static final double USUAL_GAMMA = 0.01;

  private static final MethodParameter<Double> GAMMA =
      new MethodParameter<>(
          "gamma",
          List.of("--gamma"),
          "SHARE",
          ParameterType.lesserShare(),
          "breadcrumbs: share of every change that is taken out as outliers; default 0.01.");

  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "breadcrumbs",
          Set.of(),
          "breadcrumbs (neither outliers nor small changes)",
          List.of(
              SparseParameters.DENSITY, GAMMA, SparseParameters.SIGN, SparseParameters.NORMALIZE),
          "the outliers",
          settings -> SparseParameters.requireDensity("breadcrumbs", settings),
          Breadcrumbs::of,
          rank -> new Breadcrumbs(0.5, USUAL_GAMMA, SignElection.NONE, Normalization.NONE));

  private static Breadcrumbs of(Settings settings) {
    return new Breadcrumbs(
        SparseParameters.density(settings),
        settings.get(GAMMA).orElse(USUAL_GAMMA),
        settings.get(SparseParameters.SIGN).orElse(SignElection.NONE),
        settings.get(SparseParameters.NORMALIZE).orElse(Normalization.NONE));
  }

  @Override
  public MethodDescription<MixMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Settings settings() {
    return Settings.NONE
        .with(SparseParameters.DENSITY, density)
        .with(GAMMA, gamma)
        .with(SparseParameters.SIGN, sign)
        .with(SparseParameters.NORMALIZE, normalize);
  }

  @Override
  public String text() {
    return "breadcrumbs, density "
        + density
        + ", gamma "
        + gamma
        + ", sign "
        + sign
        + ", normalize "
        + normalize;
  }

  @Override
  public Combination combination(String key) {
    return new Combination() {
      @Override
      public int firstPasses() {
        return density < 1 ? Magnitudes.PASSES : 0;
      }

      @Override
      public long loadedBytes(Shape shape, int parts) {
        return parts * Magnitudes.bytes(2);
      }

      @Override
      public LoadedCombination load(Shape shape, double[] ratios, Kernels kernels) {
        long all = shape.elementCount();
        long kept = (long) (density * all);
        long outliers = Math.min((long) (gamma * all), all - kept);
        return new Fusion(
            ratios, new Middle(ratios.length, outliers, outliers + kept), sign, normalize);
      }
    };
  }

  /** Keeps what is neither among the largest nor among the smallest. */
  private final class Middle implements Sparsifier {
    private final List<Magnitudes> magnitudes;

    Middle(int parts, long outliers, long last) {
      this.magnitudes =
          IntStream.range(0, parts).mapToObj(part -> new Magnitudes(part, outliers, last)).toList();
    }

    @Override
    public void look(int pass, CombinedRows rows) {
      magnitudes.forEach(one -> one.look(pass, rows));
    }

    @Override
    public void sparsify(int part, CombinedRows rows, float[] changes) {
      if (density == 1) {
        return;
      }
      Magnitudes own = magnitudes.get(part);
      Magnitudes.keep(changes, rows.count(), own.of(1), own.of(0));
    }
  }
}
