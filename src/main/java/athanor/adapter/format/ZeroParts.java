package athanor.adapter.format;

import athanor.kernel.Kernels;
import athanor.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Which parts of a module hold nothing but zeros. A tensor is read up to its first other value: of
 * one that was trained, a few bytes.
 */
public final class ZeroParts {
  private static final int BLOCK_BYTES = 1 << 12;
  private static final Kernels KERNELS = Kernels.plain();

  private final ModuleTensors module;

  /** The parts of a module, whose file must be here. */
  public ZeroParts(ModuleTensors module) {
    this.module = module;
  }

  /**
   * Whether one of these parts is there and holds zeros only.
   *
   * @throws athanor.error.AthanorException if the file cannot be read
   */
  boolean any(Part... parts) {
    for (Part part : parts) {
      if (module.find(part).filter(this::isZero).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** Whether each of these parts holds zeros only, or is not there. */
  boolean all(Part... parts) {
    for (Part part : parts) {
      if (module.find(part).filter(tensor -> !isZero(tensor)).isPresent()) {
        return false;
      }
    }
    return true;
  }

  private boolean isZero(TensorInfo tensor) {
    if (!tensor.dtype().isArithmetic()) {
      return false;
    }
    int width = tensor.dtype().bytes();
    float[] values = new float[BLOCK_BYTES / width];
    try (Arena arena = Arena.ofConfined()) {
      for (long at = 0; at < tensor.byteSize(); at += BLOCK_BYTES) {
        long bytes = Math.min(BLOCK_BYTES, tensor.byteSize() - at);
        MemorySegment block = arena.allocate(bytes);
        module.source().read(tensor, at, block);
        int count = Math.toIntExact(bytes / width);
        KERNELS.toFloat(tensor.dtype(), block, 0, values, 0, count);
        for (int i = 0; i < count; i++) {
          if (values[i] != 0) {
            return false;
          }
        }
      }
    }
    return true;
  }
}
