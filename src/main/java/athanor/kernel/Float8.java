package athanor.kernel;

/**
 * The two 8-bit formats of PyTorch that checkpoints use, after "FP8 Formats for Deep Learning"
 * (Micikevicius et al., 2022).
 *
 * <pre>
 *   F8_E4M3   s eeee mmm   bias 7    largest 448     no infinity, NaN is s1111111
 *   F8_E5M2   s eeeee mm   bias 15   largest 57344   infinity s1111100, NaN above it
 * </pre>
 *
 * Stores saturate: what would round beyond the largest finite value, infinity too, becomes it.
 */
enum Float8 {
  E4M3(3, 7, 0x7E),
  E5M2(2, 15, 0x7B);

  /** Bits of the fraction. */
  final int fractionBits;

  /** Bits of a float32 fraction that do not fit. */
  final int droppedBits;

  /** How far apart the exponents of float32 and of this format are, in float32 bits. */
  final int rebias;

  /** Two to the power of that distance. */
  final float rescale;

  /** Float32 bits of the smallest normal value. */
  final int smallestNormal;

  /**
   * Adding and removing this rounds a magnitude below the smallest normal to the subnormal step.
   */
  final float subnormalMagic;

  /** The code of the largest finite magnitude. */
  final int largestCode;

  /** The code stored for NaN, in both formats. */
  static final int NAN_CODE = 0x7F;

  /** Float32 bits of the least magnitude that saturates: it would round beyond the largest. */
  final int saturation;

  private final float[] values;

  Float8(int fractionBits, int bias, int largestCode) {
    this.fractionBits = fractionBits;
    this.droppedBits = 23 - fractionBits;
    this.rebias = (127 - bias) << 23;
    this.rescale = Math.scalb(1f, 127 - bias);
    this.smallestNormal = (127 - bias + 1) << 23;
    this.subnormalMagic = Math.scalb(1f, 1 - bias + droppedBits);
    this.largestCode = largestCode;
    this.values = new float[256];
    for (int code = 0; code < 256; code++) {
      int bits = magnitudeBits(code & 0x7F, bias) | (code & 0x80) << 24;
      values[code] = Float.intBitsToFloat(bits);
    }
    // Half a step above the largest is a tie; it goes to the even code, up only if that is above.
    int tie = Float.floatToRawIntBits(values[largestCode]) + (1 << (droppedBits - 1));
    this.saturation = largestCode % 2 == 0 ? tie + 1 : tie;
  }

  private int magnitudeBits(int code, int bias) {
    int fraction = code & ((1 << fractionBits) - 1);
    if (code > largestCode) {
      return 0x7F80_0000 | fraction << droppedBits;
    }
    int exponent = code >> fractionBits;
    int significand = exponent == 0 ? fraction : fraction | 1 << fractionBits;
    float value = Math.scalb((float) significand, Math.max(exponent, 1) - bias - fractionBits);
    return Float.floatToRawIntBits(value);
  }

  /** The exact value of a code; only the low 8 bits count. */
  float decode(byte code) {
    return values[code & 0xFF];
  }

  /** The code of the nearest value, ties to the even code, straight from float32. */
  byte encode(float value) {
    int bits = Float.floatToRawIntBits(value);
    int magnitude = bits & 0x7FFF_FFFF;
    int code;
    if (magnitude > 0x7F80_0000) {
      code = NAN_CODE;
    } else if (magnitude >= saturation) {
      code = largestCode;
    } else if (magnitude >= smallestNormal) {
      int odd = (magnitude >>> droppedBits) & 1;
      code = (magnitude - rebias + (1 << (droppedBits - 1)) - 1 + odd) >>> droppedBits;
    } else {
      float rounded = Float.intBitsToFloat(magnitude) + subnormalMagic;
      code = Float.floatToRawIntBits(rounded) - Float.floatToRawIntBits(subnormalMagic);
    }
    return (byte) (code | (bits >>> 24 & 0x80));
  }
}
