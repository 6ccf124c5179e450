package athanor.job;

import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.job.input.OpenInputs;
import athanor.merge.plan.PlannedLora;
import athanor.recipe.InputOrigin;
import athanor.recipe.Recipe;
import athanor.tensor.StateDict;
import java.util.List;
import java.util.Optional;

/**
 * The inputs of a merge, open and judged: for each LoRA whether and where it fits. Only headers and
 * single numbers have been read. To be used by one thread; close it to close the files.
 */
public abstract sealed class JudgedInputs implements AutoCloseable
    permits PreparedMerge, PreparedLoraMerge {
  private final Recipe recipe;
  private final OpenInputs open;
  private final List<Candidate> candidates;
  private final List<String> warnings;

  JudgedInputs(Recipe recipe, OpenInputs open, List<Candidate> candidates, List<String> warnings) {
    this.recipe = recipe;
    this.open = open;
    this.candidates = List.copyOf(candidates);
    this.warnings = List.copyOf(warnings);
  }

  /** What was asked for. */
  public final Recipe recipe() {
    return recipe;
  }

  /** The LoRAs in the order of the request. */
  public final List<Candidate> candidates() {
    return candidates;
  }

  /** Things to tell the user, found so far. */
  public final List<String> warnings() {
    return warnings;
  }

  /** Every file that is read. */
  public final List<InputFile> files() {
    return open.parts();
  }

  /** What is known of one of the open files beside its bytes. */
  final InputOrigin originOf(StateDict file) {
    return open.originOf(file);
  }

  /** The open files. */
  final OpenInputs open() {
    return open;
  }

  /** The first reason why the merge cannot be done as asked. */
  public final Optional<Problem> refusal() {
    return candidates.stream().flatMap(candidate -> candidate.refusal().stream()).findFirst();
  }

  /** The LoRAs that fit. */
  final List<PlannedLora> fitting() {
    return candidates.stream()
        .filter(Candidate::fits)
        .flatMap(candidate -> candidate.planned().stream())
        .toList();
  }

  @Override
  public final void close() {
    open.close();
  }
}
