package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterMatch;
import athanor.error.Problem;
import athanor.recipe.LoraInput;
import java.util.Optional;

/**
 * A LoRA that is to be merged with others, judged against their common architecture.
 *
 * @param input the file and its ratio
 * @param file the LoRA; empty if the file is none
 * @param match its modules against the architecture; empty if it is of another one
 * @param refusal why it cannot take part; empty if it can
 */
public record LoraCandidate(
    LoraInput input,
    Optional<AdapterFile> file,
    Optional<AdapterMatch> match,
    Optional<Problem> refusal) {

  /** Whether it can take part. */
  public boolean fits() {
    return refusal.isEmpty();
  }
}
