package athanor.torchfile;

/**
 * CRC-32 of a whole from those of its parts, so that parts can be checksummed in any order and by
 * several threads.
 *
 * <p>Appending n bytes to a message multiplies its checksum, as a polynomial over GF(2), by x⁸ⁿ
 * modulo the CRC polynomial; squaring gives that power in log n steps. Same result as {@code
 * crc32_combine} of zlib.
 */
public final class Crc32Combine {
  /** x³² + x²⁶ + … + 1 without its highest term, bits reversed: bit 31 is x⁰, bit 0 is x³¹. */
  private static final int POLYNOMIAL = 0xEDB88320;

  private static final int ONE = 1 << 31;
  private static final int X_TO_THE_8 = 1 << (31 - 8);

  private Crc32Combine() {}

  /**
   * CRC-32 of A followed by B.
   *
   * @param crcA CRC-32 of A; 0 for an empty A
   * @param crcB CRC-32 of B
   * @param lengthB bytes of B
   * @throws IllegalArgumentException if {@code lengthB} is negative
   */
  public static int combine(int crcA, int crcB, long lengthB) {
    if (lengthB < 0) {
      throw new IllegalArgumentException("negative length: " + lengthB);
    }
    int shift = ONE;
    int power = X_TO_THE_8;
    for (long bits = lengthB; bits != 0; bits >>>= 1) {
      if ((bits & 1) != 0) {
        shift = multiply(shift, power);
      }
      power = multiply(power, power);
    }
    return multiply(shift, crcA) ^ crcB;
  }

  /** Product of two polynomials modulo the CRC polynomial. */
  private static int multiply(int a, int b) {
    int product = 0;
    int shifted = b;
    for (int bit = ONE; bit != 0; bit >>>= 1) {
      if ((a & bit) != 0) {
        product ^= shifted;
      }
      shifted = (shifted & 1) != 0 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
    }
    return product;
  }
}
