package athanor.job;

import athanor.adapter.AdapterMatch;
import athanor.error.Problem;
import athanor.merge.PlannedLora;
import athanor.recipe.LoraInput;
import java.util.Optional;

/**
 * A LoRA of the request, judged against the base.
 *
 * @param input the file and its ratio
 * @param match its modules against the base; empty if the file is no LoRA at all
 * @param refusal why it cannot be merged; empty if it fits
 */
public record Candidate(LoraInput input, Optional<AdapterMatch> match, Optional<Problem> refusal) {
  /** It as a part of the merge; empty if it is no LoRA at all. */
  public Optional<PlannedLora> planned() {
    return match.map(own -> new PlannedLora(own, input.strength()));
  }

  /** Whether it can be merged. */
  public boolean fits() {
    return refusal.isEmpty();
  }
}
