package athanor.kernel;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2B;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2I;

import athanor.tensor.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Conversions on vector registers where the compiler does not make them from {@link Conversions}:
 * BF16, the 8-bit formats, and counting. One float32 lane per element; the remainder goes the plain
 * way.
 */
final class VectorConversions {
  private static final VectorSpecies<Float> FLOATS = VectorSpeciesChoice.FLOAT;
  private static final VectorSpecies<Integer> INTS = VectorSpeciesChoice.INT;
  private static final int LANES = INTS.length();
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(16 * LANES));

  /** There is no vector of 4 bytes; at 128 bits the 8-bit formats take the plain way. */
  private static final boolean HAS_BYTES = LANES > 4;

  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(HAS_BYTES ? 8 * LANES : 64));

  private VectorConversions() {}

  static void toFloat(
      DType dtype, MemorySegment source, long offset, float[] target, int targetOffset, int count) {
    int done =
        switch (dtype) {
          case BF16 -> fromBf16(source, offset, target, targetOffset, count);
          case F8_E4M3 -> fromF8(Float8.E4M3, source, offset, target, targetOffset, count);
          case F8_E5M2 -> fromF8(Float8.E5M2, source, offset, target, targetOffset, count);
          default -> 0;
        };
    long rest = done == 0 ? offset : offset + (long) done * dtype.bytes();
    Conversions.toFloat(dtype, source, rest, target, targetOffset + done, count - done);
  }

  static void fromFloat(
      float[] source, int sourceOffset, DType dtype, MemorySegment target, long offset, int count) {
    int done =
        switch (dtype) {
          case BF16 -> toBf16(source, sourceOffset, target, offset, count);
          case F8_E4M3 -> toF8(Float8.E4M3, source, sourceOffset, target, offset, count);
          case F8_E5M2 -> toF8(Float8.E5M2, source, sourceOffset, target, offset, count);
          default -> 0;
        };
    long rest = done == 0 ? offset : offset + (long) done * dtype.bytes();
    Conversions.fromFloat(source, sourceOffset + done, dtype, target, rest, count - done);
  }

  static void round(DType precision, float[] values, int offset, int count) {
    int done = 0;
    if (precision == DType.BF16) {
      done = INTS.loopBound(count);
      for (int i = offset; i < offset + done; i += LANES) {
        bf16(bits(values, i)).lanewise(LSHL, 16).reinterpretAsFloats().intoArray(values, i);
      }
    }
    Conversions.round(precision, values, offset + done, count - done);
  }

  static long countAtLeast(int limit, float[] values, int offset, int count) {
    int done = INTS.loopBound(count);
    long found = 0;
    for (int i = offset; i < offset + done; i += LANES) {
      found += bits(values, i).and(0x7FFF_FFFF).compare(VectorOperators.GE, limit).trueCount();
    }
    return found + Conversions.countAtLeast(limit, values, offset + done, count - done);
  }

  private static IntVector bits(float[] values, int index) {
    return FloatVector.fromArray(FLOATS, values, index).reinterpretAsInts();
  }

  private static int fromBf16(
      MemorySegment source, long offset, float[] target, int targetOffset, int count) {
    int done = INTS.loopBound(count);
    for (int i = 0; i < done; i += LANES) {
      IntVector codes =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, source, offset + 2L * i, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      codes.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(target, targetOffset + i);
    }
    return done;
  }

  private static int toBf16(
      float[] source, int sourceOffset, MemorySegment target, long offset, int count) {
    int done = INTS.loopBound(count);
    for (int i = 0; i < done; i += LANES) {
      bf16(bits(source, sourceOffset + i))
          .convertShape(I2S, SHORTS, 0)
          .intoMemorySegment(target, offset + 2L * i, LITTLE_ENDIAN);
    }
    return done;
  }

  /** As {@link Conversions#bf16}, per lane. */
  private static IntVector bf16(IntVector bits) {
    IntVector upper = bits.lanewise(LSHR, 16);
    IntVector rounded = bits.add(0x7FFF).add(upper.and(1)).lanewise(LSHR, 16);
    VectorMask<Integer> isNaN = bits.and(0x7FFF_FFFF).compare(VectorOperators.GT, 0x7F80_0000);
    return rounded.blend(upper.or(0x40), isNaN);
  }

  /** Shifted into place, a code is a float32 with a far too small exponent, subnormal or not. */
  private static int fromF8(
      Float8 format, MemorySegment source, long offset, float[] target, int targetOffset, int n) {
    int done = HAS_BYTES ? INTS.loopBound(n) : 0;
    for (int i = 0; i < done; i += LANES) {
      IntVector codes =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, source, offset + i, LITTLE_ENDIAN)
                  .convertShape(B2I, INTS, 0);
      IntVector magnitude = codes.and(0x7F);
      IntVector shifted = magnitude.lanewise(LSHL, format.droppedBits);
      IntVector special = shifted.or(0x7F80_0000);
      VectorMask<Integer> isSpecial = magnitude.compare(VectorOperators.GT, format.largestCode);
      shifted
          .reinterpretAsFloats()
          .mul(format.rescale)
          .reinterpretAsInts()
          .blend(special, isSpecial)
          .or(codes.and(0x8000_0000))
          .reinterpretAsFloats()
          .intoArray(target, targetOffset + i);
    }
    return done;
  }

  private static int toF8(
      Float8 format, float[] source, int sourceOffset, MemorySegment target, long offset, int n) {
    int done = HAS_BYTES ? INTS.loopBound(n) : 0;
    for (int i = 0; i < done; i += LANES) {
      f8(format, bits(source, sourceOffset + i))
          .convertShape(I2B, BYTES, 0)
          .intoMemorySegment(target, offset + i, LITTLE_ENDIAN);
    }
    return done;
  }

  /** As {@link Float8#encode}, per lane. */
  private static IntVector f8(Float8 format, IntVector bits) {
    int dropped = format.droppedBits;
    IntVector magnitude = bits.and(0x7FFF_FFFF);
    IntVector odd = magnitude.lanewise(LSHR, dropped).and(1);
    int halfStep = (1 << (dropped - 1)) - 1;
    IntVector normal = magnitude.add(odd).add(halfStep - format.rebias).lanewise(LSHR, dropped);
    IntVector subnormal =
        magnitude
            .reinterpretAsFloats()
            .add(format.subnormalMagic)
            .reinterpretAsInts()
            .sub(Float.floatToRawIntBits(format.subnormalMagic));
    return normal
        .blend(subnormal, magnitude.compare(VectorOperators.LT, format.smallestNormal))
        .blend(format.largestCode, magnitude.compare(VectorOperators.GE, format.saturation))
        .blend(Float8.NAN_CODE, magnitude.compare(VectorOperators.GT, 0x7F80_0000))
        .or(bits.lanewise(LSHR, 24).and(0x80));
  }
}
