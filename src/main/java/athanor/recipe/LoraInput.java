package athanor.recipe;

import athanor.merge.method.LoraWeights;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A LoRA and how strongly to apply it.
 *
 * @param file the LoRA file
 * @param ratio any finite number; 1 is full strength, negative subtracts
 * @param weights how strongly its parts are applied
 */
public record LoraInput(Path file, double ratio, LoraWeights weights) {

  /** A LoRA whose parts all have its ratio. */
  public LoraInput(Path file, double ratio) {
    this(file, ratio, LoraWeights.NONE);
  }

  /** Whether neither the ratio nor that of the text encoders lets it change anything. */
  public boolean isZero() {
    return ratio == 0 && weights.textEncoderRatio().orElse(0.0) == 0;
  }

  /** The last component of the path. */
  public String name() {
    return Objects.requireNonNullElse(file.getFileName(), file).toString();
  }
}
