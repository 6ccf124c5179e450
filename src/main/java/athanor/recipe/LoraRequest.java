package athanor.recipe;

import athanor.merge.plan.Strength;
import java.nio.file.Path;

/**
 * A LoRA as a user asks for it, and how strongly to apply it. Immutable.
 *
 * @param input a file or a link
 * @param strength as the user asked for it
 */
public record LoraRequest(InputRequest input, Strength strength) {

  /** A LoRA whose parts all have its ratio. */
  public LoraRequest(String file, double ratio) {
    this(new InputRequest(file), Strength.of(ratio));
  }

  /** The same for a file that was found already. */
  public static LoraRequest of(LoraInput lora) {
    return new LoraRequest(new InputRequest(lora.file().toString()), lora.strength());
  }

  /** Another file with this strength. */
  public LoraRequest with(InputRequest other) {
    return new LoraRequest(other, strength);
  }

  /** This LoRA with another strength. */
  public LoraRequest with(Strength other) {
    return new LoraRequest(input, other);
  }

  /** This LoRA, its file found. */
  public LoraInput located(Path file) {
    return new LoraInput(file, strength);
  }
}
