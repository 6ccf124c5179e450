package athanor.job;

import athanor.adapter.AdapterMatch;
import athanor.error.Problem;
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
  /** Whether it can be merged. */
  public boolean fits() {
    return refusal.isEmpty();
  }
}
