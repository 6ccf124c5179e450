package athanor.analysis;

import athanor.delta.Arithmetic;
import athanor.tensor.DType;
import athanor.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What storing in a number format leaves of a change, from some rows of every weight: W + Δ is
 * rounded as the merge rounds it, and what then differs from the rounded W is compared with Δ. Safe
 * for use by several threads.
 *
 * @param base the checkpoint
 * @param arithmetic how factors are read
 */
public record RoundingSample(BaseWeights base, Arithmetic arithmetic) {
  /** The formats that results are stored in. */
  public static final List<DType> FORMATS = List.of(DType.F16, DType.BF16, DType.F8_E4M3);

  private static final int ROWS = 6;

  /**
   * Sums over elements.
   *
   * @param elements how many were looked at
   * @param same how many are stored as they would be without the change
   * @param energy Σ Δ²
   * @param kept Σ Δ · (what the stored weight changes by)
   */
  public record Sums(long elements, long same, double energy, double kept) {
    /** Nothing was looked at. */
    public static final Sums NONE = new Sums(0, 0, 0, 0);

    /** Both together. */
    public Sums plus(Sums other) {
      return new Sums(
          elements + other.elements, same + other.same, energy + other.energy, kept + other.kept);
    }

    /** The change along Δ that survives: 1 for all of it; 1 where there is no change. */
    public double survival() {
      return energy == 0 ? 1 : kept / energy;
    }

    /** The share of elements that are stored as if nothing had been merged; 0 if none was seen. */
    public double unchanged() {
      return elements == 0 ? 0 : (double) same / elements;
    }
  }

  /** What becomes of each part of a meeting, alone and at its ratio, in each format. */
  public List<Map<DType, Sums>> of(Meeting meeting) {
    return meeting.parts().stream().map(this::of).toList();
  }

  private Map<DType, Sums> of(Meeting.Part part) {
    Map<DType, Sums> sums = new EnumMap<>(DType.class);
    TensorInfo tensor = base.checkpoint().find(part.add().rows().key()).orElse(null);
    double factor = part.ratio() * part.add().factor();
    if (tensor == null
        || !tensor.dtype().isArithmetic()
        || part.add().place().transposed()
        || factor == 0) {
      return sums;
    }
    int outputs = part.add().place().outputs();
    int width = part.add().place().inputs();
    var loaded = part.add().delta().load(arithmetic);
    float[] weight = new float[width];
    float[] change = new float[width];
    int rows = Math.min(ROWS, outputs);
    for (int i = 0; i < rows; i++) {
      int row = (int) ((i + 0.5) * outputs / rows);
      base.row(part.add().rows(), row, weight);
      loaded.rows(row, row + 1, change);
      for (int k = 0; k < width; k++) {
        change[k] = (float) factor * change[k];
      }
      for (DType format : FORMATS) {
        sums.merge(format, compare(weight, change, format), Sums::plus);
      }
    }
    return sums;
  }

  private Sums compare(float[] weight, float[] change, DType format) {
    float[] merged = new float[weight.length];
    for (int k = 0; k < weight.length; k++) {
      merged[k] = weight[k] + change[k];
    }
    float[] before = stored(weight, format);
    float[] after = stored(merged, format);
    long same = 0;
    double energy = 0;
    double kept = 0;
    for (int k = 0; k < weight.length; k++) {
      same += before[k] == after[k] ? 1 : 0;
      energy += (double) change[k] * change[k];
      kept += (double) change[k] * ((double) after[k] - before[k]);
    }
    return Double.isFinite(kept) ? new Sums(weight.length, same, energy, kept) : Sums.NONE;
  }

  private float[] stored(float[] values, DType format) {
    float[] result = new float[values.length];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate((long) values.length * format.bytes(), 64);
      base.kernels().fromFloat(values, 0, format, bytes, 0, values.length);
      base.kernels().toFloat(format, bytes, 0, result, 0, values.length);
    }
    return result;
  }
}
