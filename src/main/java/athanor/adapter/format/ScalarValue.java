package athanor.adapter.format;

import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads tensors of one element, such as alpha, whatever their type. */
final class ScalarValue {
  private ScalarValue() {}

  /**
   * The value of a 0-dimensional or one-element tensor.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it has more or fewer elements, or a
   *     type that is no number
   */
  static double read(StateDict source, TensorInfo tensor) {
    if (tensor.shape().elementCount() != 1) {
      throw unreadable(source, tensor).found("shape " + tensor.shape()).toException();
    }
    byte[] bytes = new byte[Math.toIntExact(tensor.byteSize())];
    source.read(tensor, 0, MemorySegment.ofArray(bytes));
    ByteBuffer value = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return switch (tensor.dtype()) {
      case F64 -> value.getDouble();
      case F32 -> value.getFloat();
      case F16 -> Float.float16ToFloat(value.getShort());
      case BF16 -> Float.intBitsToFloat(value.getShort() << 16);
      case I64, U64 -> value.getLong();
      case I32 -> value.getInt();
      case U32 -> Integer.toUnsignedLong(value.getInt());
      case I16 -> value.getShort();
      case U16 -> Short.toUnsignedInt(value.getShort());
      case I8 -> value.get();
      case U8, BOOL -> Byte.toUnsignedInt(value.get());
      case F8_E4M3, F8_E5M2 -> {
        float[] number = new float[1];
        Kernels.plain().toFloat(tensor.dtype(), MemorySegment.ofArray(bytes), 0, number, 0, 1);
        yield number[0];
      }
      case F4, F6_E2M3, F6_E3M2, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, C64 ->
          throw unreadable(source, tensor).found("type " + tensor.dtype()).toException();
    };
  }

  private static Problem unreadable(StateDict source, TensorInfo tensor) {
    return Problem.badFile("a value that should be one number is not")
        .at(source.name() + ", " + tensor.key())
        .expected("one number, for example of type " + DType.F32)
        .help("the file is damaged or from an unknown trainer; download it again");
  }
}
