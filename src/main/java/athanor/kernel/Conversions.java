package athanor.kernel;

import athanor.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Conversions in plain Java. The compiler turns the loops for F16 into vector instructions because
 * one side is an array; between two segments it could not rule out that they overlap.
 */
final class Conversions {
  static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Conversions() {}

  static void toFloat(
      DType dtype, MemorySegment source, long offset, float[] target, int targetOffset, int count) {
    switch (dtype) {
      case F32 -> MemorySegment.copy(source, FLOAT, offset, target, targetOffset, count);
      case F16 -> fromF16(source, offset, target, targetOffset, count);
      case BF16 -> fromBf16(source, offset, target, targetOffset, count);
      case F64 -> fromF64(source, offset, target, targetOffset, count);
      case F8_E4M3 -> fromF8(Float8.E4M3, source, offset, target, targetOffset, count);
      case F8_E5M2 -> fromF8(Float8.E5M2, source, offset, target, targetOffset, count);
      default -> throw Limits.notArithmetic(dtype);
    }
  }

  static void fromFloat(
      float[] source, int sourceOffset, DType dtype, MemorySegment target, long offset, int count) {
    switch (dtype) {
      case F32 -> MemorySegment.copy(source, sourceOffset, target, FLOAT, offset, count);
      case F16 -> toF16(source, sourceOffset, target, offset, count);
      case BF16 -> toBf16(source, sourceOffset, target, offset, count);
      case F64 -> toF64(source, sourceOffset, target, offset, count);
      case F8_E4M3 -> toF8(Float8.E4M3, source, sourceOffset, target, offset, count);
      case F8_E5M2 -> toF8(Float8.E5M2, source, sourceOffset, target, offset, count);
      default -> throw Limits.notArithmetic(dtype);
    }
  }

  static void round(DType precision, float[] values, int offset, int count) {
    switch (precision) {
      case F32 -> {}
      case F16 -> {
        for (int i = 0; i < count; i++) {
          values[offset + i] = Float.float16ToFloat(Float.floatToFloat16(values[offset + i]));
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          values[offset + i] = Float.intBitsToFloat(bf16(values[offset + i]) << 16);
        }
      }
      default -> throw Limits.notPrecision(precision);
    }
  }

  /** How many values have a magnitude whose float32 bits are at least {@code limit}. */
  static long countAtLeast(int limit, float[] values, int offset, int count) {
    int found = 0;
    for (int i = 0; i < count; i++) {
      int magnitude = Float.floatToRawIntBits(values[offset + i]) & 0x7FFF_FFFF;
      found += magnitude >= limit ? 1 : 0;
    }
    return found;
  }

  /**
   * The BF16 code of the nearest value, ties to even, in the low 16 bits: the upper half of the
   * float32 after adding half a step, or just less where the kept half is even. NaN becomes quiet.
   */
  static int bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (bits & 0x7FFF_FFFF) > 0x7F80_0000
        ? bits >>> 16 | 0x40
        : (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16;
  }

  private static void fromF16(
      MemorySegment source, long offset, float[] target, int targetOffset, int count) {
    for (int i = 0; i < count; i++) {
      target[targetOffset + i] = Float.float16ToFloat(source.get(SHORT, offset + 2L * i));
    }
  }

  private static void fromBf16(
      MemorySegment source, long offset, float[] target, int targetOffset, int count) {
    for (int i = 0; i < count; i++) {
      target[targetOffset + i] = Float.intBitsToFloat(source.get(SHORT, offset + 2L * i) << 16);
    }
  }

  private static void fromF64(
      MemorySegment source, long offset, float[] target, int targetOffset, int count) {
    for (int i = 0; i < count; i++) {
      target[targetOffset + i] = (float) source.get(DOUBLE, offset + 8L * i);
    }
  }

  private static void fromF8(
      Float8 format, MemorySegment source, long offset, float[] target, int targetOffset, int n) {
    for (int i = 0; i < n; i++) {
      target[targetOffset + i] = format.decode(source.get(BYTE, offset + i));
    }
  }

  private static void toF16(
      float[] source, int sourceOffset, MemorySegment target, long offset, int count) {
    for (int i = 0; i < count; i++) {
      target.set(SHORT, offset + 2L * i, Float.floatToFloat16(source[sourceOffset + i]));
    }
  }

  private static void toBf16(
      float[] source, int sourceOffset, MemorySegment target, long offset, int count) {
    for (int i = 0; i < count; i++) {
      target.set(SHORT, offset + 2L * i, (short) bf16(source[sourceOffset + i]));
    }
  }

  private static void toF64(
      float[] source, int sourceOffset, MemorySegment target, long offset, int count) {
    for (int i = 0; i < count; i++) {
      target.set(DOUBLE, offset + 8L * i, source[sourceOffset + i]);
    }
  }

  private static void toF8(
      Float8 format, float[] source, int sourceOffset, MemorySegment target, long offset, int n) {
    for (int i = 0; i < n; i++) {
      target.set(BYTE, offset + i, format.encode(source[sourceOffset + i]));
    }
  }
}
