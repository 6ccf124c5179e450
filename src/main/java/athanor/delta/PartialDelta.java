package athanor.delta;

import athanor.tensor.Rows;
import java.util.List;
import java.util.Optional;

/**
 * Some rows of another delta, exactly as it has them: the query's third of a fused projection.
 *
 * @param whole the other delta
 * @param runs rows of it, in the order in which they are wanted
 */
record PartialDelta(Delta whole, List<Rows.Run> runs) implements Delta {
  PartialDelta {
    runs = List.copyOf(runs);
  }

  @Override
  public long outputs() {
    return runs.stream().mapToLong(Rows.Run::count).sum();
  }

  @Override
  public long inputs() {
    return whole.inputs();
  }

  @Override
  public double scale() {
    return whole.scale();
  }

  @Override
  public long loadedBytes() {
    return whole.loadedBytes();
  }

  @Override
  public LoadedDelta load(Arithmetic arithmetic) {
    LoadedDelta loaded = whole.load(arithmetic);
    int width = Math.toIntExact(inputs());
    return (from, to, target) -> {
      float[] row = new float[width];
      int at = 0;
      long before = 0;
      for (Rows.Run run : runs) {
        Rows.Run wanted =
            new Rows.Run(before, run.count()).intersect(new Rows.Run(from, to - from));
        for (long i = wanted.first(); i < wanted.end(); i++) {
          int source = Math.toIntExact(run.first() + i - before);
          loaded.rows(source, source + 1, row);
          System.arraycopy(row, 0, target, at, width);
          at += width;
        }
        before += run.count();
      }
    };
  }

  @Override
  public Optional<LowRank> stackable() {
    return whole.stackable().map(this::part);
  }

  @Override
  public Optional<LowRank> asLowRank() {
    return whole.asLowRank().map(this::part);
  }

  /** The same right factor, those rows of the left. */
  private LowRank part(LowRank factors) {
    return new LowRank() {
      @Override
      public int rank() {
        return factors.rank();
      }

      @Override
      public LowRankFactors factors(Arithmetic arithmetic) {
        LowRankFactors all = factors.factors(arithmetic);
        int rank = all.rank();
        float[] up = new float[Math.toIntExact(outputs() * rank)];
        int at = 0;
        for (Rows.Run run : runs) {
          int count = Math.toIntExact(run.count() * rank);
          System.arraycopy(all.up(), Math.toIntExact(run.first() * rank), up, at, count);
          at += count;
        }
        return new LowRankFactors(rank, up, all.down());
      }
    };
  }
}
