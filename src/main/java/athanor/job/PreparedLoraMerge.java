package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterMatch;
import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.job.input.InputKinds;
import athanor.job.input.Inputs;
import athanor.job.input.OpenInputs;
import athanor.merge.PlannedLora;
import athanor.merge.lora.sum.CommonArchitecture;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.Recognition;
import athanor.model.ReferenceCheckpoint;
import athanor.model.TargetIndex;
import athanor.recipe.InputOrigin;
import athanor.recipe.LoraInput;
import athanor.recipe.Recipe;
import athanor.tensor.StateDict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A merge of LoRAs into one LoRA whose inputs are open and judged: the architecture they have in
 * common, and for each whether it can take part. Only headers and single numbers have been read.
 * Close it to close the files.
 */
public final class PreparedLoraMerge implements AutoCloseable {
  private final Recipe recipe;
  private final OpenInputs open;
  private final List<LoraCandidate> candidates = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private Optional<Architecture> architecture = Optional.empty();

  private PreparedLoraMerge(Recipe recipe, Inputs inputs) {
    this.recipe = recipe;
    this.open = new OpenInputs(inputs);
  }

  /**
   * Opens and judges the LoRAs of a recipe without a base.
   *
   * @throws AthanorException of kind BAD_FILE if a file cannot be read
   */
  public static PreparedLoraMerge of(Recipe recipe) {
    return of(recipe, Inputs.LOCAL);
  }

  /**
   * As {@link #of(Recipe)}, with files that may be elsewhere. If one is, only its structure is
   * known: the merge can be planned but not run.
   *
   * @throws AthanorException as there; of kind NETWORK if the bytes of a file cannot be had
   */
  public static PreparedLoraMerge of(Recipe recipe, Inputs inputs) {
    var merge = new PreparedLoraMerge(recipe, inputs);
    try {
      for (LoraInput input : recipe.loras()) {
        merge.open.open(input.file());
      }
      merge.judge();
      return merge;
    } catch (RuntimeException | Error e) {
      merge.close();
      throw e;
    }
  }

  private void judge() {
    warnings.addAll(open.oddities());
    List<StateDict> sources = open.all();
    List<Optional<AdapterFile>> files = new ArrayList<>();
    for (StateDict file : sources) {
      files.add(
          AdapterFile.looksLikeAdapter(file.tensors())
              ? Optional.of(AdapterFile.of(file))
              : Optional.empty());
    }
    CommonArchitecture common =
        CommonArchitecture.of(files.stream().flatMap(Optional::stream).toList());
    common.note().ifPresent(warnings::add);
    architecture = common.architecture();
    Optional<TargetIndex> targets = architecture.flatMap(TargetIndex::ofReference);
    for (int i = 0; i < files.size(); i++) {
      candidates.add(judge(recipe.loras().get(i), sources.get(i), files.get(i), common, targets));
    }
    warnings.addAll(Warnings.of(recipe, candidates));
  }

  private static LoraCandidate judge(
      LoraInput input,
      StateDict source,
      Optional<AdapterFile> file,
      CommonArchitecture common,
      Optional<TargetIndex> targets) {
    if (file.isEmpty()) {
      return new LoraCandidate(
          input, file, Optional.empty(), Optional.of(InputKinds.notALora(source)));
    }
    Optional<Problem> refusal = common.refusalOf(file.get());
    if (refusal.isPresent() || targets.isEmpty()) {
      return new LoraCandidate(input, file, Optional.empty(), refusal);
    }
    AdapterMatch match =
        AdapterMatch.of(file.get(), reference(common.architecture().orElseThrow()), targets.get());
    return new LoraCandidate(input, file, Optional.of(match), match.refusal());
  }

  private static CheckpointModel reference(Architecture architecture) {
    var tensors = ReferenceCheckpoint.of(architecture).orElseThrow();
    return ((Recognition.Checkpoint) Recognition.of(tensors)).model();
  }

  /** What was asked for. */
  public Recipe recipe() {
    return recipe;
  }

  /** The architecture of the LoRAs; empty when nothing tells. */
  public Optional<Architecture> architecture() {
    return architecture;
  }

  /** The LoRAs in the order of the request. */
  public List<LoraCandidate> candidates() {
    return List.copyOf(candidates);
  }

  /** Things to tell the user, found so far. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** Every file that is read. */
  public List<InputFile> files() {
    return open.parts();
  }

  /** What is known of one of its open files beside its bytes. */
  InputOrigin originOf(StateDict file) {
    return open.originOf(file);
  }

  /** The first reason why the merge cannot be done as asked, whatever the method. */
  public Optional<Problem> refusal() {
    return candidates.stream().flatMap(candidate -> candidate.refusal().stream()).findFirst();
  }

  /**
   * The LoRAs that take part.
   *
   * @throws AthanorException with the first refusal, unless the options say to leave out what does
   *     not fit; then of kind INCOMPATIBLE only if nothing is left
   */
  public List<PlannedLora> loras() {
    Optional<Problem> refusal = refusal();
    List<PlannedLora> fitting =
        candidates.stream()
            .filter(LoraCandidate::fits)
            .map(c -> new PlannedLora(c.match().orElseThrow(), c.input().strength()))
            .toList();
    if (refusal.isPresent() && (!recipe.options().skipIncompatible() || fitting.isEmpty())) {
      throw refusal.get().toException();
    }
    return fitting;
  }

  @Override
  public void close() {
    open.close();
  }
}
