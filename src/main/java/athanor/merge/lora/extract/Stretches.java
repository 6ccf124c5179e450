package athanor.merge.lora.extract;

import athanor.kernel.Kernels;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Values of one tensor of an open file as one sequence: stretches of its elements, one after the
 * other. Immutable; safe for use by several threads.
 *
 * @param file where it is
 * @param tensor of whole bytes an element
 * @param runs of elements
 */
record Stretches(StateDict file, TensorInfo tensor, List<Rows.Run> runs) {

  /** The rows of a tensor, in their order. */
  static Stretches of(StateDict file, Rows rows) {
    TensorInfo tensor = file.find(rows.key()).orElseThrow();
    long columns = tensor.shape().columns();
    return new Stretches(
        file,
        tensor,
        rows.runs().stream()
            .map(run -> new Rows.Run(run.first() * columns, run.count() * columns))
            .toList());
  }

  /** A tensor whole. */
  static Stretches of(StateDict file, TensorInfo tensor) {
    return new Stretches(file, tensor, List.of(new Rows.Run(0, tensor.shape().elementCount())));
  }

  /** Number of values. */
  long count() {
    return runs.stream().mapToLong(Rows.Run::count).sum();
  }

  DType dtype() {
    return tensor.dtype();
  }

  /**
   * Reads values as they are stored.
   *
   * @param bytes receives {@code count} elements from its start on
   */
  void read(long from, int count, MemorySegment bytes) {
    int width = dtype().bytes();
    Rows.Run wanted = new Rows.Run(from, count);
    long before = 0;
    for (Rows.Run run : runs) {
      Rows.Run part = new Rows.Run(before, run.count()).intersect(wanted);
      if (part.count() > 0) {
        file.read(
            tensor,
            (run.first() + part.first() - before) * width,
            bytes.asSlice((part.first() - from) * width, part.count() * width));
      }
      before += run.count();
    }
  }

  /** Values that were read, as float32 that had this precision meanwhile. */
  void decode(Kernels kernels, DType precision, MemorySegment bytes, int count, float[] target) {
    kernels.toFloat(dtype(), bytes, 0, target, 0, count);
    kernels.round(precision, target, 0, count);
  }
}
