package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterMatch;
import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.file.OpenFileLimit;
import athanor.job.input.InputKinds;
import athanor.job.input.Inputs;
import athanor.job.input.OpenInputs;
import athanor.merge.lora.sum.CommonArchitecture;
import athanor.merge.plan.PlannedLora;
import athanor.model.Architecture;
import athanor.model.TargetIndex;
import athanor.recipe.LoraInput;
import athanor.recipe.Recipe;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A merge of LoRAs into one LoRA whose inputs are open and judged: the architecture they have in
 * common, and for each whether it can take part.
 */
public final class PreparedLoraMerge extends JudgedInputs {
  private final Optional<Architecture> architecture;

  private PreparedLoraMerge(
      Recipe recipe,
      OpenInputs open,
      Optional<Architecture> architecture,
      List<Candidate> candidates,
      List<String> warnings) {
    super(recipe, open, candidates, warnings);
    this.architecture = architecture;
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
   * @throws AthanorException as there; of kind NETWORK if the bytes of a file cannot be had; of
   *     kind RESOURCES if there are more files than may be open at once
   */
  public static PreparedLoraMerge of(Recipe recipe, Inputs inputs) {
    OpenFileLimit.require(recipe.loras().size());
    return of(recipe, new OpenInputs(inputs));
  }

  /**
   * The same merge when files have arrived: these are opened where they are now, the others stay
   * open. All are judged again, because the architecture is what they have in common. This object
   * is not to be used any more.
   *
   * @param arrived whether the file of a path has arrived
   * @throws AthanorException as {@link #of(Recipe, Inputs)}
   */
  public PreparedLoraMerge again(Predicate<Path> arrived) {
    return of(recipe(), open().again(arrived));
  }

  private static PreparedLoraMerge of(Recipe recipe, OpenInputs open) {
    try {
      for (LoraInput input : recipe.loras()) {
        open.open(input.file());
      }
      return judge(recipe, open);
    } catch (RuntimeException | Error e) {
      open.close();
      throw e;
    }
  }

  private static PreparedLoraMerge judge(Recipe recipe, OpenInputs open) {
    List<String> warnings = new ArrayList<>(open.oddities());
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
    Optional<TargetIndex> targets = common.architecture().flatMap(TargetIndex::ofReference);
    List<Candidate> candidates = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      candidates.add(
          judge(
              recipe.loras().get(i),
              sources.get(i),
              files.get(i),
              common,
              targets,
              recipe.options().allowPartial()));
    }
    warnings.addAll(Warnings.of(recipe, candidates));
    return new PreparedLoraMerge(recipe, open, common.architecture(), candidates, warnings);
  }

  private static Candidate judge(
      LoraInput input,
      StateDict source,
      Optional<AdapterFile> file,
      CommonArchitecture common,
      Optional<TargetIndex> targets,
      boolean allowPartial) {
    if (file.isEmpty()) {
      return new Candidate(input, file, Optional.empty(), Optional.of(InputKinds.notALora(source)));
    }
    Optional<Problem> refusal = common.refusalOf(file.get());
    if (refusal.isPresent() || targets.isEmpty()) {
      return new Candidate(input, file, Optional.empty(), refusal);
    }
    AdapterMatch match =
        AdapterMatch.of(
            file.get(), ReferenceTargets.model(common.architecture().orElseThrow()), targets.get());
    var planned = new PlannedLora(match, input.strength());
    return new Candidate(
        input, file, Optional.of(match), match.refusal(allowPartial).or(planned::effectProblem));
  }

  /** The architecture of the LoRAs; empty when nothing tells. */
  public Optional<Architecture> architecture() {
    return architecture;
  }

  /**
   * The LoRAs that take part.
   *
   * @throws AthanorException with the first refusal, unless the options say to leave out what does
   *     not fit; then of kind INCOMPATIBLE only if nothing is left
   */
  public List<PlannedLora> loras() {
    Optional<Problem> refusal = refusal();
    List<PlannedLora> fitting = fitting();
    if (refusal.isPresent() && (!recipe().options().skipIncompatible() || fitting.isEmpty())) {
      throw refusal.get().toException();
    }
    return fitting;
  }
}
