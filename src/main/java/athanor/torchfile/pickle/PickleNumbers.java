package athanor.torchfile.pickle;

import athanor.torchfile.pickle.PickleValue.Constant;
import athanor.torchfile.pickle.PickleValue.Huge;
import athanor.torchfile.pickle.PickleValue.Whole;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** Whole numbers of pickles. */
final class PickleNumbers {
  private static final int LONG_BITS = 63;
  private static final Pattern DECIMAL = Pattern.compile("[+-]?[0-9]+");
  private static final Whole[] SMALL = new Whole[256];

  static {
    for (int i = 0; i < SMALL.length; i++) {
      SMALL[i] = new Whole(i);
    }
  }

  private PickleNumbers() {}

  static Whole whole(long value) {
    return value >= 0 && value < SMALL.length ? SMALL[(int) value] : new Whole(value);
  }

  /** Whether this object stands for all equal numbers. */
  @SuppressWarnings("ReferenceEquality") // asks for the shared object itself
  static boolean isShared(Whole number) {
    return number.value() >= 0
        && number.value() < SMALL.length
        && SMALL[(int) number.value()] == number;
  }

  private static PickleValue of(BigInteger value) {
    return value.bitLength() <= LONG_BITS ? whole(value.longValueExact()) : new Huge(value);
  }

  /** Two's complement, little-endian; no bytes are zero. */
  static PickleValue binary(byte[] littleEndian) {
    if (littleEndian.length == 0) {
      return whole(0);
    }
    byte[] bigEndian = new byte[littleEndian.length];
    for (int i = 0; i < bigEndian.length; i++) {
      bigEndian[i] = littleEndian[littleEndian.length - 1 - i];
    }
    return of(new BigInteger(bigEndian));
  }

  /** Decimal text, where {@code 00} and {@code 01} are False and True; empty for anything else. */
  static Optional<PickleValue> decimalOrBool(byte[] line) {
    String text = new String(line, StandardCharsets.ISO_8859_1).strip();
    return switch (text) {
      case "00" -> Optional.of(Constant.FALSE);
      case "01" -> Optional.of(Constant.TRUE);
      default -> decimal(text);
    };
  }

  /** Decimal text that may end in {@code L}; empty for anything else. */
  static Optional<PickleValue> decimalLong(byte[] line) {
    String text = new String(line, StandardCharsets.ISO_8859_1).strip();
    return decimal(text.endsWith("L") ? text.substring(0, text.length() - 1) : text);
  }

  /** The index of a memo entry as text; −1 for anything else. */
  static long index(byte[] line) {
    return decimalOrBool(line).orElse(null) instanceof Whole whole ? whole.value() : -1;
  }

  private static Optional<PickleValue> decimal(String text) {
    return DECIMAL.matcher(text).matches()
        ? Optional.of(of(new BigInteger(text)))
        : Optional.empty();
  }
}
