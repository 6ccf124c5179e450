package athanor.merge.plan;

import athanor.tensor.DType;
import java.util.Locale;
import java.util.Optional;

/** A floating-point precision under the names that kohya's options use. */
public enum Precision {
  FLOAT(DType.F32),
  FP16(DType.F16),
  BF16(DType.BF16);

  /** What is accepted, for messages. */
  public static final String NAMES = "float, fp16 or bf16";

  private final DType dtype;

  Precision(DType dtype) {
    this.dtype = dtype;
  }

  /** The element type of this precision. */
  public DType dtype() {
    return dtype;
  }

  /** The precision with this name ({@code float}, {@code fp16}, {@code bf16} and usual aliases). */
  public static Optional<Precision> parse(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "float", "fp32", "float32" -> Optional.of(FLOAT);
      case "fp16", "float16", "half" -> Optional.of(FP16);
      case "bf16", "bfloat16" -> Optional.of(BF16);
      default -> Optional.empty();
    };
  }

  /** The option's spelling: {@code float}, {@code fp16} or {@code bf16}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
