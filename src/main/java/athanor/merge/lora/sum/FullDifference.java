package athanor.merge.lora.sum;

import athanor.adapter.format.AdapterFormats;
import athanor.adapter.format.StoredDifference;
import athanor.delta.Arithmetic;
import athanor.delta.Change;
import athanor.delta.LowRankFactors;
import athanor.kernel.Kernels;
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
    StoredDifference format = norm ? AdapterFormats.NORM : AdapterFormats.FULL;
    List<TensorInfo> tensors = new ArrayList<>();
    if (!sum.differences().isEmpty()) {
      String key = format.key(module, StoredDifference.WEIGHT);
      tensors.add(new TensorInfo(key, dtype, sum.target().deltaShape()));
    }
    if (!sum.biases().isEmpty()) {
      String key = format.key(module, StoredDifference.BIAS);
      long rows = sum.target().bias().orElseThrow().count();
      tensors.add(new TensorInfo(key, dtype, Shape.of(rows)));
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
      sum.biases().forEach(add -> addTo(bias, 1, add, kernels));
      values.add(bias);
    }
    return values;
  }

  /** All that is added to the weight, {@code [out, in·kh·kw]}, row-major. */
  public float[] weight(Kernels kernels) {
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
    sum.differences().forEach(add -> addTo(weight, columns, add, kernels));
    return weight;
  }

  private static void addTo(float[] total, int columns, Change.Add add, Kernels kernels) {
    add.delta().addTo(total, columns, (float) add.factor(), Arithmetic.float32(kernels));
  }
}
