package athanor.adapter;

import athanor.adapter.format.AdapterFormat;
import athanor.adapter.format.MergingFormat;
import athanor.adapter.format.ModuleTensors;
import athanor.adapter.format.Part;
import athanor.kernel.Kernels;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/** Whether two modules of a file do the same, however their scales and values are stored. */
record SameChange(StateDict source, AdapterModule one, AdapterModule other) {

  boolean holds() {
    if (!one.formats().equals(other.formats())) {
      return false;
    }
    for (AdapterFormat format : one.formats()) {
      ModuleTensors left = one.of(format).orElseThrow();
      ModuleTensors right = other.of(format).orElseThrow();
      if (!parts(left).equals(parts(right)) || !sameScale(format, left, right)) {
        return false;
      }
      for (Part part : parts(left)) {
        if (!sameValues(left.get(part), right.get(part))) {
          return false;
        }
      }
    }
    return true;
  }

  private static Set<Part> parts(ModuleTensors module) {
    Set<Part> parts = new HashSet<>(module.tensors().keySet());
    parts.removeIf(Part::isScalar);
    return parts;
  }

  private static boolean sameScale(AdapterFormat format, ModuleTensors one, ModuleTensors other) {
    OptionalLong rank =
        format instanceof MergingFormat merging ? merging.rank(one) : OptionalLong.empty();
    if (rank.isPresent()) {
      return one.scale(rank.getAsLong()) == other.scale(rank.getAsLong());
    }
    return sameNumber(one.number(Part.ALPHA), other.number(Part.ALPHA))
        && sameNumber(one.number(Part.SCALE), other.number(Part.SCALE));
  }

  private static boolean sameNumber(OptionalDouble one, OptionalDouble other) {
    return one.equals(other);
  }

  /** Values in the same order; a linear factor and one of a 1×1 convolution may be equal. */
  private boolean sameValues(TensorInfo left, TensorInfo right) {
    boolean sameMatrix =
        left.shape().rows() == right.shape().rows()
            && left.shape().elementCount() == right.shape().elementCount();
    if (!sameMatrix) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment leftBytes = read(left, arena);
      MemorySegment rightBytes = read(right, arena);
      if (left.dtype() == right.dtype()) {
        return leftBytes.mismatch(rightBytes) < 0;
      }
      return left.dtype().isArithmetic()
          && right.dtype().isArithmetic()
          && Arrays.equals(floats(left, leftBytes), floats(right, rightBytes));
    }
  }

  private MemorySegment read(TensorInfo tensor, Arena arena) {
    MemorySegment bytes = arena.allocate(tensor.byteSize());
    source.read(tensor, 0, bytes);
    return bytes;
  }

  private static float[] floats(TensorInfo tensor, MemorySegment bytes) {
    float[] values = new float[tensor.elementsInMemory()];
    Kernels.plain().toFloat(tensor.dtype(), bytes, 0, values, 0, values.length);
    return values;
  }
}
