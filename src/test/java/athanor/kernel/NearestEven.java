package athanor.kernel;

import java.util.Arrays;

/**
 * An oracle for rounding, independent of the code under test: the magnitudes of a format as exact
 * float64 numbers, built from its definition; the nearest is found by comparing distances, which
 * are exact in float64 too.
 */
final class NearestEven {
  /** The finite magnitudes by code, and one step more. */
  private final double[] magnitudes;

  private final int signBit;

  private NearestEven(double[] magnitudes, int signBit) {
    this.magnitudes = magnitudes;
    this.signBit = signBit;
  }

  /** The format with these field widths whose largest finite magnitude has code {@code largest}. */
  static NearestEven of(int exponentBits, int fractionBits, int bias, int largest) {
    double[] magnitudes = new double[largest + 2];
    for (int code = 0; code < magnitudes.length; code++) {
      int exponent = code >> fractionBits;
      int fraction = code & ((1 << fractionBits) - 1);
      magnitudes[code] =
          exponent == 0
              ? fraction * Math.pow(2, 1 - bias - fractionBits)
              : (1 + fraction * Math.pow(2, -fractionBits)) * Math.pow(2, exponent - bias);
    }
    return new NearestEven(magnitudes, 1 << (exponentBits + fractionBits));
  }

  static NearestEven f16() {
    return of(5, 10, 15, 0x7BFF);
  }

  static NearestEven bf16() {
    return of(8, 7, 127, 0x7F7F);
  }

  static NearestEven e4m3() {
    return of(4, 3, 7, 0x7E);
  }

  static NearestEven e5m2() {
    return of(5, 2, 15, 0x7B);
  }

  /** The exact value of a finite code. */
  double value(int code) {
    double magnitude = magnitudes[code & (signBit - 1)];
    return (code & signBit) == 0 ? magnitude : -magnitude;
  }

  /** The code of the largest finite magnitude. */
  int largest() {
    return magnitudes.length - 2;
  }

  /** The code of the nearest value to a number; {@code largest() + 1} if it rounds beyond. */
  int code(float number) {
    double magnitude = Math.abs((double) number);
    int sign = Float.floatToRawIntBits(number) < 0 ? signBit : 0;
    int found = Arrays.binarySearch(magnitudes, magnitude);
    if (found >= 0) {
      return sign | found;
    }
    int above = -found - 1;
    if (above == magnitudes.length) {
      return sign | above - 1;
    }
    int below = above - 1;
    int order = Double.compare(magnitude - magnitudes[below], magnitudes[above] - magnitude);
    boolean up = order > 0 || order == 0 && above % 2 == 0;
    return sign | (up ? above : below);
  }

  /** Every kind of float32: edges first, then each code's neighbourhood, ties, and random bits. */
  float[] numbers(java.util.function.LongSupplier random, int randomCount) {
    float[] edges = {
      0f,
      -0f,
      Float.MIN_VALUE,
      -Float.MIN_VALUE,
      Float.MIN_NORMAL,
      1f,
      -1f,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      65519.996f,
      65520f,
      -65520f,
      464f,
      464.00003f,
      -465f,
      480f,
      61439.996f,
      61440f,
      -61440f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      Float.intBitsToFloat(0x7F800001),
      Float.intBitsToFloat(0xFFFFFFFF)
    };
    float[] numbers = Arrays.copyOf(edges, edges.length + 6 * largest() + randomCount);
    int next = edges.length;
    for (int code = 0; code < largest(); code++) {
      float exact = (float) magnitudes[code];
      float tie = (float) ((magnitudes[code] + magnitudes[code + 1]) / 2);
      numbers[next++] = -exact;
      numbers[next++] = Math.nextUp(exact);
      numbers[next++] = Math.nextDown(exact);
      numbers[next++] = tie;
      numbers[next++] = Math.nextUp(-tie);
      numbers[next++] = Math.nextUp(tie);
    }
    while (next < numbers.length) {
      numbers[next++] = Float.intBitsToFloat((int) random.getAsLong());
    }
    return numbers;
  }
}
