package athanor.merge.method.mix;

import athanor.delta.Combination;
import athanor.delta.CombinedRows;
import athanor.delta.LoadedCombination;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.MixMethod;
import athanor.merge.method.ParameterType;
import athanor.merge.method.Settings;
import athanor.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * DELLA: drop by magnitude. In every row of a change (a vector is one row), values are ranked by
 * their size, from 0 for the smallest of n; the one of rank k is kept with the probability {@code p
 * = density − epsilon + 2·epsilon·k / (n − 1)} and divided by it. Values of one size are ranked by
 * their index. Then the sign is elected and the mean added, as {@link Ties} does. What is random is
 * as in {@link Dare}. Deep, Bhardwaj, Poria: "DELLA-Merging", arXiv:2406.11617; mergekit scales
 * rows back to their sum instead of dividing by p.
 *
 * @param density probability of being kept, on average
 * @param epsilon half the difference between the largest and the smallest probability
 * @param seed what the random choice begins with
 * @param sign how the sign is elected
 * @param normalize what the sum is divided by
 */
public record Della(
    double density, double epsilon, long seed, SignElection sign, Normalization normalize)
    implements MixMethod {
  private static final double USUAL_EPSILON = 0.1;

  private static final MethodParameter<Double> EPSILON =
      new MethodParameter<>(
          "epsilon",
          List.of("--epsilon"),
          "SHARE",
          ParameterType.lesserShare(),
          "della: how much more likely large values are kept than small ones; default 0.1.");

  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "della",
          Set.of(),
          "della (random changes, large ones rather)",
          List.of(
              SparseParameters.DENSITY,
              EPSILON,
              SparseParameters.SEED,
              SparseParameters.SIGN,
              SparseParameters.NORMALIZE),
          "epsilon",
          Della::check,
          Della::of,
          rank -> new Della(0.5, USUAL_EPSILON, 0, SignElection.TOTAL, Normalization.COUNT));

  private static void check(Settings settings) {
    SparseParameters.requireDensity("della", settings);
    double density = SparseParameters.density(settings);
    double epsilon = settings.get(EPSILON).orElse(USUAL_EPSILON);
    if (density < 1 && (density + epsilon > 1 || density - epsilon <= 0)) {
      throw Problem.usage("density and epsilon of della do not go together")
          .found("density " + density + ", epsilon " + epsilon)
          .expected("density − epsilon above 0, density + epsilon at most 1")
          .help("a smaller --epsilon")
          .toException();
    }
  }

  private static Della of(Settings settings) {
    return new Della(
        SparseParameters.density(settings),
        settings.get(EPSILON).orElse(USUAL_EPSILON),
        settings.get(SparseParameters.SEED).orElse(0L),
        settings.get(SparseParameters.SIGN).orElse(SignElection.TOTAL),
        settings.get(SparseParameters.NORMALIZE).orElse(Normalization.COUNT));
  }

  @Override
  public MethodDescription<MixMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Settings settings() {
    return Settings.NONE
        .with(SparseParameters.DENSITY, density)
        .with(EPSILON, epsilon)
        .with(SparseParameters.SEED, seed)
        .with(SparseParameters.SIGN, sign)
        .with(SparseParameters.NORMALIZE, normalize);
  }

  @Override
  public String text() {
    return "della, density "
        + density
        + ", epsilon "
        + epsilon
        + ", seed "
        + seed
        + ", sign "
        + sign
        + ", normalize "
        + normalize;
  }

  @Override
  public Combination combination(String key) {
    return new Combination() {
      @Override
      public int rowsTogether(Shape shape) {
        return shape.rank() < 2 ? Math.toIntExact(shape.rows()) : 1;
      }

      @Override
      public LoadedCombination load(Shape shape, double[] ratios, Kernels kernels) {
        int width = Math.toIntExact(shape.rank() < 2 ? shape.rows() : shape.columns());
        return new Fusion(ratios, new Ranked(key, ratios.length, width), sign, normalize);
      }
    };
  }

  /** Drops values at random, small ones rather than large ones. */
  private final class Ranked implements Sparsifier {
    private final List<Draws> draws;
    private final int width;
    private final long[] order;

    Ranked(String key, int parts, int width) {
      this.draws = IntStream.range(0, parts).mapToObj(part -> new Draws(seed, key, part)).toList();
      this.width = width;
      this.order = new long[width];
    }

    @Override
    public void sparsify(int part, CombinedRows rows, float[] changes) {
      if (density == 1) {
        return;
      }
      long first = (long) rows.from() * rows.columns();
      for (int at = 0; at < rows.count(); at += width) {
        for (int i = 0; i < width; i++) {
          long size = Float.floatToRawIntBits(changes[at + i]) & Integer.MAX_VALUE;
          order[i] = size << Integer.SIZE | i;
        }
        Arrays.sort(order);
        for (int rank = 0; rank < width; rank++) {
          int i = at + (int) order[rank];
          double share = width == 1 ? 0.5 : (double) rank / (width - 1);
          double kept = density - epsilon + 2 * epsilon * share;
          changes[i] = draws.get(part).at(first + i) < kept ? (float) (changes[i] / kept) : 0;
        }
      }
    }
  }
}
