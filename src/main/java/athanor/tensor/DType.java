package athanor.tensor;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An element type of a tensor, under its safetensors name.
 *
 * <p>The order of the constants is the order of the enum in the safetensors reference
 * implementation (0.8): its writer stores tensors by descending ordinal, and {@code
 * sshs_model_hash} depends on that.
 */
public enum DType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private static final Map<String, DType> BY_NAME =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(Enum::name, Function.identity()));

  private final int bits;

  DType(int bits) {
    this.bits = bits;
  }

  /** The type with this exact safetensors name, case-sensitive; empty when there is none. */
  public static Optional<DType> parse(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** Bits per element. */
  public int bits() {
    return bits;
  }

  /**
   * Bytes per element.
   *
   * @throws IllegalStateException if an element is not a whole number of bytes (F4, F6)
   */
  public int bytes() {
    if (bits % 8 != 0) {
      throw new IllegalStateException(name() + " elements are not whole bytes");
    }
    return bits / 8;
  }

  /** Whether merges can compute with this type: F64, F32, F16, BF16, F8_E4M3 or F8_E5M2. */
  public boolean isArithmetic() {
    return switch (this) {
      case F64, F32, F16, BF16, F8_E4M3, F8_E5M2 -> true;
      case BOOL, F4, F6_E2M3, F6_E3M2, U8, I8, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ -> false;
      case I16, U16, I32, U32, C64, I64, U64 -> false;
    };
  }

  /**
   * What people call it: {@code fp16}, {@code bf16}, {@code fp32}, otherwise the lower-case name.
   */
  public String familiarName() {
    return switch (this) {
      case F16 -> "fp16";
      case BF16 -> "bf16";
      case F32 -> "fp32";
      case F64 -> "fp64";
      case F8_E4M3 -> "fp8_e4m3";
      case F8_E5M2 -> "fp8_e5m2";
      default -> name().toLowerCase(Locale.ROOT);
    };
  }
}
