package athanor.merge.lora.sum;

import athanor.adapter.DenseDelta;
import athanor.adapter.LowRankFactors;
import athanor.kernel.Kernels;
import athanor.merge.WeightedDelta;
import athanor.merge.lora.ModuleMemory;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * The parts of a module that are stored in full: a difference of the weight, which takes up the
 * low-rank pairs of the other LoRAs, because many programs apply only one of the two; and a
 * difference of the bias.
 */
public final class FullDifference {
  private final ModuleSum sum;

  /** The full parts of a sum. */
  public FullDifference(ModuleSum sum) {
    this.sum = sum;
  }

  /** Heap that their computation takes at its peak, the loaded pairs among it, in bytes. */
  public long memory() {
    Shape shape = sum.target().deltaShape();
    long full = 2 * Float.BYTES * shape.elementCount();
    long rank = sum.isLowRank() ? sum.stackedRank() : 0;
    long pairs = shape.rank() < 2 ? 0 : ModuleMemory.stacked(shape.rows(), shape.columns(), rank);
    return full + 2 * pairs;
  }

  /** The tensors under LyCORIS's names: {@code diff}, {@code diff_b}, or those of norms. */
  public List<TensorInfo> tensors(String module, DType dtype) {
    boolean norm = sum.target().shape().rank() < 2;
    List<TensorInfo> tensors = new ArrayList<>();
    if (!sum.differences().isEmpty()) {
      String suffix = norm ? ".w_norm" : ".diff";
      tensors.add(new TensorInfo(module + suffix, dtype, sum.target().deltaShape()));
    }
    if (!sum.biases().isEmpty()) {
      String suffix = norm ? ".b_norm" : ".diff_b";
      long rows = sum.target().bias().orElseThrow().count();
      tensors.add(new TensorInfo(module + suffix, dtype, Shape.of(rows)));
    }
    return tensors;
  }

  /** Their values, in the same order. */
  public List<float[]> values(Kernels kernels) {
    List<float[]> values = new ArrayList<>();
    if (!sum.differences().isEmpty()) {
      values.add(weight(kernels));
    }
    if (!sum.biases().isEmpty()) {
      float[] bias = new float[Math.toIntExact(sum.target().bias().orElseThrow().count())];
      sum.biases().forEach(weighted -> add(bias, weighted, kernels));
      values.add(bias);
    }
    return values;
  }

  private float[] weight(Kernels kernels) {
    Shape shape = sum.target().deltaShape();
    int columns = Math.toIntExact(shape.columns());
    float[] weight = new float[Math.toIntExact(shape.elementCount())];
    if (!sum.pairs().isEmpty()) {
      LowRankFactors pairs = StackedFactors.load(sum, kernels);
      kernels.multiplyAdd(
          Math.toIntExact(shape.rows()),
          pairs.up(),
          0,
          pairs.rank(),
          kernels.pack(pairs.rank(), columns, pairs.down(), 0, columns),
          weight,
          0,
          columns);
    }
    sum.differences().forEach(weighted -> add(weight, weighted, kernels));
    return weight;
  }

  private static void add(float[] total, WeightedDelta weighted, Kernels kernels) {
    float factor = (float) weighted.factor();
    float[] difference = ((DenseDelta) weighted.delta()).loadAsTrained(kernels);
    for (int i = 0; i < total.length; i++) {
      total[i] = Math.fma(factor, difference[i], total[i]);
    }
  }
}
