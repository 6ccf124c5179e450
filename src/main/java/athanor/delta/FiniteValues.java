package athanor.delta;

import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Reads whole tensors as float32, and nothing that is not finite. */
final class FiniteValues {
  private static final int EXPONENT_OF_NON_FINITE = 0x7f800000;

  private FiniteValues() {}

  /**
   * All values, row-major.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if a value is NaN or infinite
   */
  static float[] read(StateDict source, TensorInfo tensor, Kernels kernels) {
    int count = tensor.elementsInMemory();
    float[] values = new float[count];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(tensor.byteSize());
      source.read(tensor, 0, bytes);
      kernels.toFloat(tensor.dtype(), bytes, 0, values, 0, count);
    }
    if (!allFinite(values)) {
      throw Problem.badFile("the LoRA contains values that are NaN or infinite")
          .at(source.name() + ", " + tensor.key())
          .help("this LoRA is broken (a failed training run?); leave it out")
          .toException();
    }
    return values;
  }

  private static boolean allFinite(float[] values) {
    int largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Float.floatToRawIntBits(value) & Integer.MAX_VALUE);
    }
    return largest < EXPONENT_OF_NON_FINITE;
  }
}
