package athanor.merge.method.mix;

import athanor.delta.Combination;
import athanor.delta.CombinedRows;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MixMethod;
import athanor.merge.method.Settings;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * DARE: drop and rescale. Every value of every change is kept with the probability {@code density}
 * and divided by it, so that the sum is the same on average; {@code A + Σ rᵢ·mᵢ·δᵢ / density}.
 * Which values are kept follows from the seed, the key of the weight, the number of the change and
 * the index of the value ({@link Draws}), and from nothing else. Yu and others: "Language Models
 * are Super Mario", arXiv:2311.03099; with {@code sign: total} as mergekit's "dare_ties".
 *
 * @param density probability of being kept
 * @param seed what the random choice begins with
 * @param sign how the sign is elected
 * @param normalize what the sum is divided by
 */
public record Dare(double density, long seed, SignElection sign, Normalization normalize)
    implements MixMethod {
  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "dare",
          Set.of("dare-linear"),
          "dare (random changes, rescaled)",
          List.of(
              SparseParameters.DENSITY,
              SparseParameters.SEED,
              SparseParameters.SIGN,
              SparseParameters.NORMALIZE),
          "the seed",
          settings -> SparseParameters.requireDensity("dare", settings),
          Dare::of,
          rank -> new Dare(0.5, 0, SignElection.NONE, Normalization.NONE));

  private static Dare of(Settings settings) {
    return new Dare(
        SparseParameters.density(settings),
        settings.get(SparseParameters.SEED).orElse(0L),
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
        .with(SparseParameters.SEED, seed)
        .with(SparseParameters.SIGN, sign)
        .with(SparseParameters.NORMALIZE, normalize);
  }

  @Override
  public String text() {
    return "dare, density "
        + density
        + ", seed "
        + seed
        + ", sign "
        + sign
        + ", normalize "
        + normalize;
  }

  @Override
  public Combination combination(String key) {
    return (shape, ratios, kernels) ->
        new Fusion(ratios, new Dropping(key, ratios.length), sign, normalize);
  }

  /** Drops values at random. */
  private final class Dropping implements Sparsifier {
    private final List<Draws> draws;

    Dropping(String key, int parts) {
      this.draws = IntStream.range(0, parts).mapToObj(part -> new Draws(seed, key, part)).toList();
    }

    @Override
    public void sparsify(int part, CombinedRows rows, float[] changes) {
      long first = (long) rows.from() * rows.columns();
      Draws own = draws.get(part);
      for (int i = 0; i < rows.count(); i++) {
        changes[i] = own.at(first + i) < density ? (float) (changes[i] / density) : 0;
      }
    }
  }
}
