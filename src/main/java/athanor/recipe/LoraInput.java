package athanor.recipe;

import athanor.merge.plan.Strength;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A LoRA and how strongly to apply it.
 *
 * @param file the LoRA file
 * @param strength as the user asked for it
 */
public record LoraInput(Path file, Strength strength) {

  /** A LoRA whose parts all have its ratio. */
  public LoraInput(Path file, double ratio) {
    this(file, Strength.of(ratio));
  }

  /** The last component of the path. */
  public String name() {
    return Objects.requireNonNullElse(file.getFileName(), file).toString();
  }
}
