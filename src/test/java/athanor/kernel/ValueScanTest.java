package athanor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.kernel.ValueScan.Tally;
import athanor.tensor.DType;
import athanor.testkit.Gen;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ValueScanTest {

  private static Tally scan(DType dtype, byte[] bytes) {
    return ValueScan.of(dtype, MemorySegment.ofArray(bytes));
  }

  /** Every bit pattern of one and two bytes, judged by the conversion to float32. */
  @ParameterizedTest
  @EnumSource(names = {"F8_E4M3", "F8_E5M2", "F16", "BF16"})
  void judgesEveryPatternAsTheConversionDoes(DType dtype) {
    int width = dtype.bytes();
    int patterns = 1 << (8 * width);
    Tally all = Tally.EMPTY;
    long nan = 0;
    long infinite = 0;
    for (int pattern = 0; pattern < patterns; pattern++) {
      byte[] value = {(byte) pattern, (byte) (pattern >> 8)};
      MemorySegment one = MemorySegment.ofArray(value).asSlice(0, width);
      float[] number = new float[1];
      new ScalarKernels().toFloat(dtype, one, 0, number, 0, 1);
      Tally tally = ValueScan.of(dtype, one);
      assertThat(tally)
          .as("%x", pattern)
          .isEqualTo(
              new Tally(
                  Float.isNaN(number[0]) ? 1 : 0,
                  Float.isInfinite(number[0]) ? 1 : 0,
                  number[0] == 0));
      all = all.plus(tally);
      nan += tally.nan();
      infinite += tally.infinite();
    }
    assertThat(all).isEqualTo(new Tally(nan, infinite, false));
  }

  @ParameterizedTest
  @EnumSource(names = {"F8_E4M3", "F8_E5M2", "F16", "BF16", "F32", "F64"})
  void findsTheOneValueAmongManyAtAnyPlace(DType dtype) {
    Gen gen = Gen.seeded("one NaN");
    int count = 61;
    int width = dtype.bytes();
    for (int place = 0; place < count; place++) {
      byte[] bytes = new byte[count * width];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) gen.between(0, 0x3B);
      }
      assertThat(scan(dtype, bytes)).isEqualTo(new Tally(0, 0, false));
      for (int i = 0; i < width; i++) {
        bytes[place * width + i] = (byte) 0xFF;
      }
      assertThat(scan(dtype, bytes)).isEqualTo(new Tally(1, 0, false));
    }
  }

  @Test
  void tellsInfinityFromNanInWideTypes() {
    byte[] single = {0, 0, (byte) 0x80, 0x7F, 1, 0, (byte) 0x80, (byte) 0xFF};
    assertThat(scan(DType.F32, single)).isEqualTo(new Tally(1, 1, false));
    byte[] wide = {0, 0, 0, 0, 0, 0, (byte) 0xF0, 0x7F};
    assertThat(scan(DType.F64, wide)).isEqualTo(new Tally(0, 1, false));
  }

  @Test
  void takesTheLargestFiniteNumberAsANumber() {
    assertThat(scan(DType.F64, new byte[] {-1, -1, -1, -1, -1, -1, (byte) 0xEF, 0x7F}))
        .isEqualTo(new Tally(0, 0, false));
  }

  @Test
  void takesBothZerosAsZero() {
    assertThat(scan(DType.F16, new byte[] {0, (byte) 0x80, 0, 0, 0, (byte) 0x80}))
        .isEqualTo(new Tally(0, 0, true));
    assertThat(scan(DType.F16, new byte[0])).isEqualTo(Tally.EMPTY);
  }

  @Test
  void hasNothingToSayAboutIntegers() {
    assertThat(scan(DType.I64, new byte[16])).isEqualTo(new Tally(0, 0, false));
    assertThat(scan(DType.U8, new byte[] {-1, -1})).isEqualTo(new Tally(0, 0, false));
  }
}
