package athanor.report;

import athanor.job.DeclaredCheck;
import java.util.List;

/**
 * A LoRA, where some input cannot be read without a token.
 *
 * @param input what is known of it
 */
@LineName(value = "lora", when = "as declared")
public record DeclaredLora(@Inline DeclaredInput input) implements Result {
  /** The LoRAs of a check from declarations. */
  public static List<DeclaredLora> of(DeclaredCheck check) {
    return check.loras().stream().map(DeclaredInput::of).map(DeclaredLora::new).toList();
  }
}
