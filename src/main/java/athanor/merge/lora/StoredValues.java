package athanor.merge.lora;

import athanor.kernel.Kernels;
import athanor.kernel.TruncatedSvd;
import athanor.safetensors.InMemoryTensor;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Rounds results to their stored type and counts what could not be stored. The results lie outside
 * the heap, whose size the program is started with, and last as long as one of them is reachable.
 * Safe for use by several threads.
 */
final class StoredValues {
  private static final long ALIGNMENT = 64;

  private final Kernels kernels;
  private final Arena memory = Arena.ofAuto();
  private final AtomicLong unstorable = new AtomicLong();

  StoredValues(Kernels kernels) {
    this.kernels = kernels;
  }

  /** Values that became infinite, or were cut off at the largest fp8 number. */
  long unstorable() {
    return unstorable.get();
  }

  /** A tensor of these values, rounded once. */
  InMemoryTensor of(String key, DType dtype, Shape shape, float[] values) {
    TensorInfo info = new TensorInfo(key, dtype, shape);
    MemorySegment bytes = memory.allocate(info.byteSize(), ALIGNMENT);
    unstorable.addAndGet(kernels.fromFloat(values, 0, dtype, bytes, 0, values.length));
    return new InMemoryTensor(info, bytes);
  }

  /** A 0-dimensional tensor, of this type if that holds the value exactly, otherwise of float32. */
  InMemoryTensor scalar(String key, DType dtype, double value) {
    float[] values = {(float) value};
    InMemoryTensor stored = of(key, dtype, Shape.of(), values);
    float[] back = new float[1];
    kernels.toFloat(dtype, stored.values(), 0, back, 0, 1);
    return back[0] == values[0] ? stored : of(key, DType.F32, Shape.of(), values);
  }

  /** The bytes of a tensor as they are. */
  InMemoryTensor copy(StateDict source, TensorInfo tensor, String key) {
    MemorySegment bytes = memory.allocate(tensor.byteSize(), ALIGNMENT);
    source.read(tensor, 0, bytes);
    return new InMemoryTensor(new TensorInfo(key, tensor.dtype(), tensor.shape()), bytes);
  }

  /** A tensor under another key and type; its bytes as they are if the type is its own. */
  InMemoryTensor converted(StateDict source, TensorInfo tensor, String key, DType dtype) {
    InMemoryTensor same = copy(source, tensor, key);
    if (tensor.dtype() == dtype) {
      return same;
    }
    int count = Math.toIntExact(tensor.shape().elementCount());
    float[] values = new float[count];
    kernels.toFloat(tensor.dtype(), same.values(), 0, values, 0, count);
    long before = kernels.fromFloat(values, 0, tensor.dtype(), same.values(), 0, count);
    InMemoryTensor result = of(key, dtype, tensor.shape(), values);
    unstorable.addAndGet(-before);
    return result;
  }

  /** {@code U·√S·gain} and {@code √S·Vᵀ}: what is small is shared, so that fp16 holds both well. */
  static Factors balanced(TruncatedSvd svd, double gain) {
    float[] up = svd.u().clone();
    float[] down = svd.vt().clone();
    for (int k = 0; k < svd.rank(); k++) {
      double root = Math.sqrt(svd.s()[k]);
      for (int row = 0; row < svd.rows(); row++) {
        up[row * svd.rank() + k] = (float) (up[row * svd.rank() + k] * root * gain);
      }
      for (int column = 0; column < svd.columns(); column++) {
        int at = k * svd.columns() + column;
        down[at] = (float) (down[at] * root);
      }
    }
    return new Factors(up, down);
  }

  /**
   * A pair of factors.
   *
   * @param up {@code [rows, rank]}
   * @param down {@code [rank, columns]}
   */
  record Factors(float[] up, float[] down) {}
}
