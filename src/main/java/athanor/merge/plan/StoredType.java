package athanor.merge.plan;

import athanor.tensor.DType;
import java.util.Locale;
import java.util.Optional;

/** The names by which options ask for a stored type, fp8 included. */
public final class StoredType {
  /** What is accepted, for messages. */
  public static final String NAMES = "float, fp16, bf16, fp8_e4m3 or fp8_e5m2";

  private StoredType() {}

  /** The type with this name, in any usual spelling; empty if there is none. */
  public static Optional<DType> parse(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "fp8", "fp8_e4m3", "fp8_e4m3fn", "float8_e4m3fn" -> Optional.of(DType.F8_E4M3);
      case "fp8_e5m2", "float8_e5m2" -> Optional.of(DType.F8_E5M2);
      default -> Precision.parse(name).map(Precision::dtype);
    };
  }
}
