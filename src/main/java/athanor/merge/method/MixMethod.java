package athanor.merge.method;

import athanor.delta.Combination;
import athanor.error.Problem;
import java.util.List;
import java.util.Optional;

/** A way of making one checkpoint of several, or of a checkpoint and LoRAs. */
public non-sealed interface MixMethod extends Method {
  @Override
  MethodDescription<MixMethod> description();

  /** What is combined with the base. */
  enum Kind {
    /** A checkpoint, as a change from the base. */
    MODEL,
    /** A checkpoint, as a change from another one that is not the base. */
    DIFFERENCE,
    /** A LoRA: what it adds to the base. */
    LORA
  }

  /**
   * Why it cannot combine these; empty if it can.
   *
   * @param contributions what is combined, in order, without the base
   */
  default Optional<Problem> refusal(List<Kind> contributions) {
    return Optional.empty();
  }

  /**
   * What it makes of one weight.
   *
   * @param key of the weight in the base
   */
  Combination combination(String key);
}
