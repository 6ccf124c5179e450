package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterMatch;
import athanor.error.Problem;
import athanor.merge.plan.PlannedLora;
import athanor.recipe.LoraInput;
import java.util.Optional;

/**
 * A LoRA of the request, judged against the base, or against the architecture that the LoRAs have
 * in common if there is none.
 *
 * @param input the file and its ratio
 * @param file the LoRA; empty if the file is none
 * @param match its modules against the base or the architecture; empty if the file is no LoRA at
 *     all, or without a base, if it is of another architecture
 * @param refusal why it cannot be merged; empty if it fits
 */
public record Candidate(
    LoraInput input,
    Optional<AdapterFile> file,
    Optional<AdapterMatch> match,
    Optional<Problem> refusal) {

  /** A file that cannot be read as a LoRA. */
  static Candidate unreadable(LoraInput input, Problem problem) {
    return new Candidate(input, Optional.empty(), Optional.empty(), Optional.of(problem));
  }

  /** It as a part of the merge; empty if there is no match. */
  public Optional<PlannedLora> planned() {
    return match.map(own -> new PlannedLora(own, input.strength()));
  }

  /** Whether it can be merged. */
  public boolean fits() {
    return refusal.isEmpty();
  }
}
