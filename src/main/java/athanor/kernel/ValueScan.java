package athanor.kernel;

import athanor.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Looks for values that are no numbers, without converting them. Eight bytes are tested at once: in
 * every lane the exponent is masked and its lowest bit added, which carries into the sign exactly
 * if all bits of the exponent are set (fp16):
 *
 * <pre>
 *   s eeeee mmmmmmmmmm   &amp; 0 11111 0000000000   + 0 00001 0000000000   → 1 00000 0000000000
 * </pre>
 *
 * <p>Thread-safe; values are little-endian.
 */
public final class ValueScan {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private ValueScan() {}

  /**
   * What was found.
   *
   * @param nan how many values are NaN
   * @param infinite how many are infinite
   * @param zero whether all are zero, of either sign
   */
  public record Tally(long nan, long infinite, boolean zero) {
    /** Nothing seen yet. */
    public static final Tally EMPTY = new Tally(0, 0, true);

    /** Both together. */
    public Tally plus(Tally other) {
      return new Tally(nan + other.nan, infinite + other.infinite, zero && other.zero);
    }
  }

  /**
   * The bits of one value. A type without infinities (F8_E4M3) has only one NaN, whose bits are all
   * set: all of them count as exponent.
   */
  private enum Lane {
    F8_E4M3(8, 0x7F, 0x01),
    F8_E5M2(8, 0x7C, 0x04),
    F16(16, 0x7C00, 0x0400),
    BF16(16, 0x7F80, 0x0080),
    F32(32, 0x7F80_0000L, 0x0080_0000L),
    F64(64, 0x7FF0_0000_0000_0000L, 0x0010_0000_0000_0000L);

    private final int bits;
    private final long exponent;
    private final long sign;
    private final long mantissa;
    private final long exponents;
    private final long lowest;
    private final long signs;

    Lane(int bits, long exponent, long lowest) {
      this.bits = bits;
      this.exponent = exponent;
      this.sign = 1L << (bits - 1);
      this.mantissa = (sign - 1) & ~exponent;
      this.exponents = repeated(exponent, bits);
      this.lowest = repeated(lowest, bits);
      this.signs = repeated(sign, bits);
    }

    private static long repeated(long lane, int bits) {
      long all = 0;
      for (int shift = 0; shift < 64; shift += bits) {
        all |= lane << shift;
      }
      return all;
    }

    static Optional<Lane> of(DType dtype) {
      for (Lane lane : values()) {
        if (lane.name().equals(dtype.name())) {
          return Optional.of(lane);
        }
      }
      return Optional.empty();
    }
  }

  /**
   * Scans packed values. Types that are not {@linkplain DType#isArithmetic arithmetic} have neither
   * NaN nor infinities here, and are never reported as zero.
   *
   * @param values whole values
   */
  public static Tally of(DType dtype, MemorySegment values) {
    Optional<Lane> lane = Lane.of(dtype);
    return lane.isEmpty() ? new Tally(0, 0, false) : scan(lane.get(), values);
  }

  private static Tally scan(Lane lane, MemorySegment values) {
    long whole = values.byteSize() & -8L;
    long exponents = lane.exponents;
    long lowest = lane.lowest;
    long carried = 0;
    long any = 0;
    for (long at = 0; at < whole; at += 8) {
      long word = values.get(LONG, at);
      carried |= (word & exponents) + lowest;
      any |= word;
    }
    long rest = rest(values, whole);
    carried |= (rest & exponents) + lowest;
    any |= rest;
    boolean zero = (any & ~lane.signs) == 0;
    return (carried & lane.signs) == 0 ? new Tally(0, 0, zero) : count(lane, values, whole, rest);
  }

  /** The last bytes, filled up with zeros. */
  private static long rest(MemorySegment values, long from) {
    long word = 0;
    for (long at = from; at < values.byteSize(); at++) {
      word |= (values.get(ValueLayout.JAVA_BYTE, at) & 0xFFL) << (8 * (at - from));
    }
    return word;
  }

  private static Tally count(Lane lane, MemorySegment values, long whole, long rest) {
    long nan = 0;
    long infinite = 0;
    for (long at = 0; at <= whole; at += 8) {
      long word = at < whole ? values.get(LONG, at) : rest;
      for (int shift = 0; shift < 64; shift += lane.bits) {
        long value = word >>> shift;
        if ((value & lane.exponent) == lane.exponent) {
          boolean isNan = lane.mantissa == 0 || (value & lane.mantissa) != 0;
          nan += isNan ? 1 : 0;
          infinite += isNan ? 0 : 1;
        }
      }
    }
    return new Tally(nan, infinite, false);
  }
}
