package athanor.merge.method.mix;

import athanor.delta.Combination;
import athanor.delta.CombinedRows;
import athanor.delta.LoadedCombination;
import athanor.kernel.Kernels;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MixMethod;
import athanor.merge.method.Settings;
import athanor.tensor.Shape;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * TIES: trim, elect, merge. Of every change {@code δᵢ} (of a checkpoint from its reference, or the
 * true ΔW of a LoRA) the largest share {@code density} of the values of a weight is kept, with all
 * that are as large as the last of them; the sign is elected, value by value, by the total {@code Σ
 * rᵢ·δᵢ}; of the changes with that sign the mean is added: {@code A + Σ rᵢ·δᵢ / n}, n their number.
 * Yadav and others: "TIES-Merging", arXiv:2306.01708; PEFT and mergekit have it too, and {@code
 * normalize} chooses among what the three divide by.
 *
 * @param density share that is kept
 * @param sign how the sign is elected
 * @param normalize what the sum is divided by
 */
public record Ties(double density, SignElection sign, Normalization normalize)
    implements MixMethod {
  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "ties",
          Set.of(),
          "ties (the largest changes that agree)",
          List.of(SparseParameters.DENSITY, SparseParameters.SIGN, SparseParameters.NORMALIZE),
          "the density",
          settings -> SparseParameters.requireDensity("ties", settings),
          Ties::of,
          rank -> new Ties(0.5, SignElection.TOTAL, Normalization.COUNT));

  private static Ties of(Settings settings) {
    return new Ties(
        SparseParameters.density(settings),
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
        .with(SparseParameters.SIGN, sign)
        .with(SparseParameters.NORMALIZE, normalize);
  }

  @Override
  public String text() {
    return "ties, density " + density + ", sign " + sign + ", normalize " + normalize;
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
        return parts * Magnitudes.bytes(1);
      }

      @Override
      public LoadedCombination load(Shape shape, double[] ratios, Kernels kernels) {
        long kept = Math.max(1, (long) (density * shape.elementCount()));
        return new Fusion(ratios, new Trimming(ratios.length, kept), sign, normalize);
      }
    };
  }

  /** Keeps the largest of each change. */
  private final class Trimming implements Sparsifier {
    private final List<Magnitudes> magnitudes;

    Trimming(int parts, long kept) {
      this.magnitudes =
          IntStream.range(0, parts).mapToObj(part -> new Magnitudes(part, kept)).toList();
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
      Magnitudes.keep(changes, rows.count(), magnitudes.get(part).of(0), Float.POSITIVE_INFINITY);
    }
  }
}
