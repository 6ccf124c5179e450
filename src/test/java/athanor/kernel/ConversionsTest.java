package athanor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.tensor.DType;
import athanor.testkit.Gen;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each conversion of both kernels, code by code, against {@link NearestEven}. */
class ConversionsTest {
  /** Bytes before the values: nothing may rely on alignment. */
  private static final long ODD = 3;

  static Stream<Kernels> kernels() {
    return Stream.of(new ScalarKernels(), new VectorKernels());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void everyF16CodeIsReadExactlyAndComesBack(Kernels kernels) {
    everyCodeIsReadExactlyAndComesBack(kernels, DType.F16, NearestEven.f16(), 0x7C00);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void everyBf16CodeIsReadExactlyAndComesBack(Kernels kernels) {
    everyCodeIsReadExactlyAndComesBack(kernels, DType.BF16, NearestEven.bf16(), 0x7F80);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void everyF8CodeIsReadExactlyAndComesBack(Kernels kernels) {
    everyCodeIsReadExactlyAndComesBack(kernels, DType.F8_E4M3, NearestEven.e4m3(), 0x100);
    everyCodeIsReadExactlyAndComesBack(kernels, DType.F8_E5M2, NearestEven.e5m2(), 0x7C);
  }

  private static void everyCodeIsReadExactlyAndComesBack(
      Kernels kernels, DType dtype, NearestEven format, int infinity) {
    int count = 1 << dtype.bits();
    int signBit = count / 2;
    int[] codes = new int[count];
    for (int code = 0; code < count; code++) {
      codes[code] = code;
    }
    float[] values = read(kernels, dtype, codes);
    int[] again = new int[count];
    write(kernels, values, dtype, again);
    for (int code = 0; code < count; code++) {
      int magnitude = code & (signBit - 1);
      if (magnitude <= format.largest()) {
        float exact = (float) format.value(code);
        assertThat(values[code]).as("%s %x", dtype, code).isEqualTo(exact);
        assertThat(Float.floatToRawIntBits(values[code]) < 0).isEqualTo((code & signBit) != 0);
        assertThat(again[code]).as("%s %x", dtype, code).isEqualTo(code);
      } else if (magnitude == infinity) {
        assertThat(Math.abs(values[code])).isEqualTo(Float.POSITIVE_INFINITY);
        int stored = dtype.bits() == 8 ? format.largest() : infinity;
        assertThat(again[code] & (signBit - 1)).isEqualTo(stored);
      } else {
        assertThat(values[code]).as("%s %x", dtype, code).isNaN();
        assertThat(read(kernels, dtype, again[code])[0]).isNaN();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void roundsToNearestEven(Kernels kernels) {
    Gen gen = Gen.seeded("roundsToNearestEven");
    roundsToNearestEven(kernels, DType.F16, NearestEven.f16(), gen);
    roundsToNearestEven(kernels, DType.BF16, NearestEven.bf16(), gen);
    roundsToNearestEven(kernels, DType.F8_E4M3, NearestEven.e4m3(), gen);
    roundsToNearestEven(kernels, DType.F8_E5M2, NearestEven.e5m2(), gen);
  }

  private static void roundsToNearestEven(
      Kernels kernels, DType dtype, NearestEven format, Gen gen) {
    float[] numbers = format.numbers(gen::anyLong, 200_003);
    int[] stored = new int[numbers.length];
    long counted = write(kernels, numbers, dtype, stored);
    int beyond = format.largest() + 1;
    boolean saturates = dtype.bits() == 8;
    int magnitudeMask = (1 << (dtype.bits() - 1)) - 1;
    long outOfRange = 0;
    for (int i = 0; i < numbers.length; i++) {
      if (Float.isNaN(numbers[i])) {
        assertThat(read(kernels, dtype, stored[i])[0]).isNaN();
        outOfRange++;
        continue;
      }
      int expected = format.code(numbers[i]);
      if ((expected & magnitudeMask) == beyond) {
        outOfRange++;
        expected -= saturates ? 1 : 0;
      }
      if (stored[i] != expected) {
        assertThat(stored[i]).as("%s of %s", dtype, numbers[i]).isEqualTo(expected);
      }
    }
    assertThat(counted).as("%s: not finite or saturated", dtype).isEqualTo(outOfRange);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void tiesGoToTheEvenNeighbourAsInPyTorch(Kernels kernels) {
    assertThat(stored(kernels, DType.F16, 2049, 2051, 0x1p-25f, 0x1.8p-24f, 65519.99f, 65520f))
        .containsExactly(2048, 2052, 0, 0x1p-23f, 65504, Float.POSITIVE_INFINITY);
    assertThat(stored(kernels, DType.BF16, 257, 259, 65504, 1e6f, 3.3895e38f, 3.397e38f))
        .containsExactly(256, 260, 65536, 999424, 0x1.FEp127f, Float.POSITIVE_INFINITY);
    assertThat(stored(kernels, DType.F8_E4M3, 17, 19, 464, 465, -1e9f, 0x1p-10f, 0x3p-10f))
        .containsExactly(16, 20, 448, 448, -448, 0, 0x1p-8f);
    assertThat(stored(kernels, DType.F8_E5M2, 9, 11, 61439, 61440, -1e9f, 0x1p-17f, 0x3p-17f))
        .containsExactly(8, 12, 57344, 57344, -57344, 0, 0x1p-15f);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void f32IsCopiedAndF64IsWidenedAndRounded(Kernels kernels) {
    float[] numbers = NearestEven.e5m2().numbers(Gen.seeded("f32 and f64")::anyLong, 1021);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(ODD + 8L * numbers.length);
      float[] back = new float[numbers.length];
      long inF32 = kernels.fromFloat(numbers, 0, DType.F32, segment, ODD, numbers.length);
      kernels.toFloat(DType.F32, segment, ODD, back, 0, numbers.length);
      assertThat(back).containsExactly(numbers);
      long inF64 = kernels.fromFloat(numbers, 0, DType.F64, segment, ODD, numbers.length);
      assertThat(segment.get(Conversions.DOUBLE, ODD + 8 * 5)).isEqualTo(numbers[5]);
      kernels.toFloat(DType.F64, segment, ODD, back, 0, numbers.length);
      assertThat(back).containsExactly(numbers);
      long notFinite =
          Stream.iterate(0, i -> i + 1)
              .limit(numbers.length)
              .filter(i -> !Float.isFinite(numbers[i]))
              .count();
      assertThat(inF32).isEqualTo(notFinite);
      assertThat(inF64).isEqualTo(notFinite);
      segment.set(Conversions.DOUBLE, ODD, 1 + 0x1p-24);
      segment.set(Conversions.DOUBLE, ODD + 8, 1e300);
      kernels.toFloat(DType.F64, segment, ODD, back, 0, 2);
      assertThat(back).startsWith(1f, Float.POSITIVE_INFINITY);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void roundingInPlaceEqualsStoringAndReading(Kernels kernels) {
    for (DType precision : new DType[] {DType.F32, DType.F16, DType.BF16}) {
      float[] numbers =
          NearestEven.e4m3().numbers(Gen.seeded("round " + precision)::anyLong, 99_991);
      float[] expected = stored(kernels, precision, numbers);
      float[] rounded = numbers.clone();
      kernels.round(precision, rounded, 1, rounded.length - 2);
      expected[0] = numbers[0];
      expected[expected.length - 1] = numbers[numbers.length - 1];
      assertThat(rounded).containsExactly(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void touchesOnlyWhatItWasAskedTo(Kernels kernels) {
    for (DType dtype :
        new DType[] {DType.F64, DType.F32, DType.F16, DType.BF16, DType.F8_E4M3, DType.F8_E5M2}) {
      for (int count : new int[] {0, 1, 2, 7, 31, 67}) {
        int size = count * dtype.bytes();
        MemorySegment bytes = MemorySegment.ofArray(new byte[size + 8]);
        bytes.fill((byte) 0x55);
        float[] ones = new float[count + 2];
        java.util.Arrays.fill(ones, 1f);
        kernels.fromFloat(ones, 1, dtype, bytes, ODD, count);
        assertThat(bytes.asSlice(0, ODD).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x55);
        assertThat(bytes.asSlice(ODD + size).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0x55);
        float[] target = new float[count + 2];
        kernels.toFloat(dtype, bytes, ODD, target, 1, count);
        ones[0] = 0;
        ones[count + 1] = 0;
        assertThat(target).as("%s %s", dtype, count).containsExactly(ones);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void refusesTypesWithoutArithmetic(Kernels kernels) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[8]);
    assertThatThrownBy(() -> kernels.toFloat(DType.I64, bytes, 0, new float[1], 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("I64");
    assertThatThrownBy(() -> kernels.fromFloat(new float[1], 0, DType.U8, bytes, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> kernels.round(DType.F8_E4M3, new float[1], 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static float[] stored(Kernels kernels, DType dtype, float... numbers) {
    int[] codes = new int[numbers.length];
    write(kernels, numbers, dtype, codes);
    return read(kernels, dtype, codes);
  }

  private static float[] read(Kernels kernels, DType dtype, int... codes) {
    int size = dtype.bytes();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(ODD + (long) size * codes.length);
      for (int i = 0; i < codes.length; i++) {
        for (int b = 0; b < size; b++) {
          long at = ODD + (long) i * size + b;
          segment.set(ValueLayout.JAVA_BYTE, at, (byte) (codes[i] >>> 8 * b));
        }
      }
      float[] values = new float[codes.length];
      kernels.toFloat(dtype, segment, ODD, values, 0, codes.length);
      return values;
    }
  }

  private static long write(Kernels kernels, float[] numbers, DType dtype, int[] codes) {
    int size = dtype.bytes();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(ODD + (long) size * numbers.length);
      long counted = kernels.fromFloat(numbers, 0, dtype, segment, ODD, numbers.length);
      for (int i = 0; i < codes.length; i++) {
        codes[i] = 0;
        for (int b = 0; b < size; b++) {
          long at = ODD + (long) i * size + b;
          codes[i] |= (segment.get(ValueLayout.JAVA_BYTE, at) & 0xFF) << 8 * b;
        }
      }
      return counted;
    }
  }
}
