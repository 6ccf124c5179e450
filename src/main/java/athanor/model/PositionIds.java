package athanor.model;

import athanor.kernel.Kernels;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code position_ids} of CLIP text encoders: 0 to 76 as int64 {@code [1, 77]}. They are no
 * weights, but tools that converted or averaged every tensor have damaged them in many published
 * checkpoints: rounded to other numbers, some words of a prompt are then read twice and others
 * never.
 */
public final class PositionIds {
  private static final String ENDING = "embeddings.position_ids";
  private static final int COUNT = 77;
  private static final int READ_AT_MOST = 4096;
  private static final Shape SHAPE = Shape.of(1, COUNT);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private PositionIds() {}

  /**
   * Position ids that are not as they should be.
   *
   * @param key their key
   * @param wrongValues how many of the numbers are wrong; 0 if only the type or shape is
   * @param what what is wrong, a phrase
   */
  public record Damage(String key, int wrongValues, String what) {}

  /**
   * The damaged ones of a checkpoint. Reads a few hundred bytes.
   *
   * @throws athanor.error.AthanorException if the file cannot be read
   */
  public static List<Damage> damaged(StateDict file, CheckpointModel model) {
    List<Damage> damages = new ArrayList<>();
    for (TensorInfo tensor : file.tensors()) {
      if (tensor.key().endsWith(ENDING) && model.componentOf(tensor.key()).isTextEncoder()) {
        examine(file, tensor, damages);
      }
    }
    return damages;
  }

  private static void examine(StateDict file, TensorInfo tensor, List<Damage> damages) {
    if (tensor.shape().elementCount() != COUNT || tensor.byteSize() > READ_AT_MOST) {
      damages.add(
          new Damage(tensor.key(), COUNT, "shape " + tensor.shape() + " instead of " + SHAPE));
      return;
    }
    int wrong = wrongValues(file, tensor);
    if (wrong > 0) {
      String type = tensor.dtype() == DType.I64 ? "" : ", stored as " + name(tensor);
      damages.add(
          new Damage(tensor.key(), wrong, wrong + " of " + COUNT + " numbers are wrong" + type));
    } else if (tensor.dtype() != DType.I64 || !tensor.shape().equals(SHAPE)) {
      damages.add(
          new Damage(
              tensor.key(),
              0,
              "stored as " + name(tensor) + " " + tensor.shape() + " instead of int64 " + SHAPE));
    }
  }

  private static String name(TensorInfo tensor) {
    return tensor.dtype().familiarName();
  }

  private static int wrongValues(StateDict file, TensorInfo tensor) {
    byte[] bytes = new byte[Math.toIntExact(tensor.byteSize())];
    MemorySegment stored = MemorySegment.ofArray(bytes);
    file.read(tensor, 0, stored);
    double[] values = new double[COUNT];
    if (tensor.dtype().isArithmetic()) {
      float[] floats = new float[COUNT];
      Kernels.create().toFloat(tensor.dtype(), stored, 0, floats, 0, COUNT);
      for (int i = 0; i < COUNT; i++) {
        values[i] = floats[i];
      }
    } else {
      for (int i = 0; i < COUNT; i++) {
        values[i] = integer(tensor.dtype(), stored, i);
      }
    }
    int wrong = 0;
    for (int i = 0; i < COUNT; i++) {
      wrong += values[i] == i ? 0 : 1;
    }
    return wrong;
  }

  private static double integer(DType dtype, MemorySegment values, int index) {
    return switch (dtype) {
      case I64, U64 -> values.get(LONG, 8L * index);
      case I32, U32 -> values.get(INT, 4L * index);
      case I8, U8 -> values.get(ValueLayout.JAVA_BYTE, index);
      default -> Double.NaN;
    };
  }

  /** Position ids as they should be, under a key. */
  public static TensorInfo info(String key) {
    return new TensorInfo(key, DType.I64, SHAPE);
  }

  /** The values of {@link #info}: 0 to 76 as little-endian int64. */
  public static MemorySegment values() {
    MemorySegment values = MemorySegment.ofArray(new byte[COUNT * Long.BYTES]);
    for (int i = 0; i < COUNT; i++) {
      values.set(LONG, (long) i * Long.BYTES, i);
    }
    return values;
  }
}
