package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterMatch;
import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.job.input.InputKinds;
import athanor.job.input.Inputs;
import athanor.job.input.OpenInputs;
import athanor.merge.MergePlan;
import athanor.merge.PlannedEdits;
import athanor.merge.PlannedLora;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.TargetIndex;
import athanor.recipe.InputOrigin;
import athanor.recipe.LoraInput;
import athanor.recipe.Recipe;
import athanor.tensor.StateDict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A merge into a checkpoint whose inputs are open and judged: what the base is, and for each LoRA
 * whether and where it fits. Only headers and single numbers have been read. Close it to close the
 * files.
 */
public final class PreparedMerge implements AutoCloseable {
  private final Recipe recipe;
  private final StateDict base;
  private final CheckpointModel model;
  private final CheckpointEditing editing;
  private final List<Candidate> candidates;
  private final OpenInputs open;
  private final List<String> warnings;

  private PreparedMerge(
      Recipe recipe,
      StateDict base,
      CheckpointModel model,
      CheckpointEditing editing,
      List<Candidate> candidates,
      OpenInputs open,
      List<String> warnings) {
    this.recipe = recipe;
    this.base = base;
    this.model = model;
    this.editing = editing;
    this.candidates = candidates;
    this.open = open;
    this.warnings = warnings;
  }

  /**
   * Opens and judges the inputs of a recipe that has a base.
   *
   * @throws AthanorException of kind BAD_FILE if a file cannot be read, of kind INCOMPATIBLE if the
   *     base is no checkpoint that can be merged into
   */
  public static PreparedMerge of(Recipe recipe) {
    return of(recipe, Inputs.LOCAL);
  }

  /**
   * As {@link #of(Recipe)}, with files that may be elsewhere. If one is, only its structure is
   * known: the merge can be planned but not run.
   *
   * @throws AthanorException as there; of kind NETWORK if the bytes of a file cannot be had
   */
  public static PreparedMerge of(Recipe recipe, Inputs inputs) {
    var open = new OpenInputs(inputs);
    try {
      StateDict base = open.open(recipe.base().orElseThrow());
      CheckpointModel model = InputKinds.requireCheckpoint(base);
      CheckpointEditing editing = CheckpointEditing.of(recipe.edits(), base, model, open::open);
      TargetIndex targets = TargetIndex.of(model);
      List<Candidate> candidates = new ArrayList<>();
      for (LoraInput input : recipe.loras()) {
        candidates.add(judge(input, open.open(input.file()), model, targets));
      }
      List<String> warnings = new ArrayList<>(open.oddities());
      warnings.addAll(editing.warnings());
      warnings.addAll(Warnings.of(recipe, model, candidates));
      return new PreparedMerge(
          recipe, base, model, editing, candidates, open, List.copyOf(warnings));
    } catch (RuntimeException | Error e) {
      open.close();
      throw e;
    }
  }

  private static Candidate judge(
      LoraInput input, StateDict file, CheckpointModel model, TargetIndex targets) {
    if (!AdapterFile.looksLikeAdapter(file.tensors())) {
      return new Candidate(input, Optional.empty(), Optional.of(InputKinds.notALora(file)));
    }
    AdapterMatch match = AdapterMatch.of(AdapterFile.of(file), model, targets);
    var planned = new PlannedLora(match, input.strength());
    return new Candidate(input, Optional.of(match), match.refusal().or(planned::filterProblem));
  }

  /** What was asked for. */
  public Recipe recipe() {
    return recipe;
  }

  /** The open base. */
  public StateDict base() {
    return base;
  }

  /** What the base is. */
  public CheckpointModel model() {
    return model;
  }

  /** The architecture of the base. */
  public Architecture architecture() {
    return model.architecture();
  }

  /** What is changed of the base besides the LoRAs. */
  public PlannedEdits edits() {
    return editing.planned();
  }

  /** The same in sentences without a full stop; empty if nothing was asked for. */
  public List<String> editSummary() {
    return editing.summary();
  }

  /** The LoRAs in the order of the request. */
  public List<Candidate> candidates() {
    return candidates;
  }

  /** Things to tell the user, found so far. */
  public List<String> warnings() {
    return warnings;
  }

  /** With {@code --skip-incompatible}: each LoRA that is left out, and why. */
  public List<String> leftOut() {
    if (!recipe.options().skipIncompatible()) {
      return List.of();
    }
    return candidates.stream()
        .flatMap(candidate -> candidate.refusal().stream())
        .map(problem -> "left out: " + problem.line())
        .toList();
  }

  /** Every file that is read. */
  public List<InputFile> files() {
    return open.parts();
  }

  /** What is known of one of its open files beside its bytes. */
  InputOrigin originOf(StateDict file) {
    return open.originOf(file);
  }

  /** The first reason why the merge cannot be done as asked. */
  public Optional<Problem> refusal() {
    return candidates.stream().flatMap(candidate -> candidate.refusal().stream()).findFirst();
  }

  /**
   * The plan with all LoRAs that fit.
   *
   * @throws AthanorException with the first refusal, unless the options say to leave out what does
   *     not fit; then of kind INCOMPATIBLE only if nothing is left
   */
  public MergePlan plan() {
    if (!recipe.options().skipIncompatible()) {
      Optional<Problem> refusal = refusal();
      if (refusal.isPresent()) {
        throw withWayOut(refusal.get()).toException();
      }
    }
    List<PlannedLora> fitting =
        candidates.stream()
            .filter(Candidate::fits)
            .flatMap(candidate -> candidate.planned().stream())
            .toList();
    if (fitting.isEmpty()) {
      throw Problem.incompatible("no LoRA is left to merge: none fits this base")
          .at(base.name())
          .help("athanor check shows why, LoRA by LoRA")
          .toException();
    }
    return MergePlan.of(base, model, fitting, recipe.options(), editing.planned());
  }

  /** Adds how to go on without the offender, if its own help says nothing better. */
  private Problem withWayOut(Problem refusal) {
    long fitting = candidates.stream().filter(Candidate::fits).count();
    if (fitting == 0 || (refusal.help().isPresent() && candidates.size() == 1)) {
      return refusal;
    }
    String way = "add --skip-incompatible to merge the other " + fitting + " without it";
    return refusal.help(refusal.help().map(help -> help + "; or " + way).orElse(way));
  }

  @Override
  public void close() {
    open.close();
  }
}
