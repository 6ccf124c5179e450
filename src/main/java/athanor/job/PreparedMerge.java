package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterMatch;
import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.OpenFileLimit;
import athanor.job.input.InputKinds;
import athanor.job.input.Inputs;
import athanor.job.input.OpenInputs;
import athanor.merge.plan.AverageFate;
import athanor.merge.plan.MergePlan;
import athanor.merge.plan.PlannedEdits;
import athanor.merge.plan.PlannedLora;
import athanor.merge.plan.PlannedMix;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.TargetIndex;
import athanor.recipe.LoraInput;
import athanor.recipe.Recipe;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A merge into a checkpoint whose inputs are open and judged: what the base is, and for each LoRA
 * whether and where it fits.
 */
public final class PreparedMerge extends JudgedInputs {
  private final StateDict base;
  private final CheckpointModel model;
  private final JudgedMix mix;
  private final CheckpointEditing editing;
  private @Nullable MergePlan plan;

  private PreparedMerge(
      Recipe recipe,
      StateDict base,
      CheckpointModel model,
      JudgedMix mix,
      CheckpointEditing editing,
      List<Candidate> candidates,
      OpenInputs open,
      List<String> warnings) {
    super(recipe, open, candidates, warnings);
    this.base = base;
    this.model = model;
    this.mix = mix;
    this.editing = editing;
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
   * @throws AthanorException as there; of kind NETWORK if the bytes of a file cannot be had; of
   *     kind RESOURCES if there are more files than may be open at once
   */
  public static PreparedMerge of(Recipe recipe, Inputs inputs) {
    OpenFileLimit.require(recipe.loras().size() + 1);
    return of(recipe, new OpenInputs(inputs), Optional.empty(), false);
  }

  /**
   * The same, to be looked at only: a LoRA that cannot be read is a candidate that does not fit, so
   * that something is known of the others.
   *
   * @throws AthanorException as {@link #of(Recipe, Inputs)}, but not for an unreadable LoRA
   */
  public static PreparedMerge toLookAt(Recipe recipe, Inputs inputs) {
    OpenFileLimit.require(recipe.loras().size() + 1);
    return of(recipe, new OpenInputs(inputs), Optional.empty(), true);
  }

  /**
   * The same merge when files have arrived: these are opened where they are now and judged again,
   * the others stay open. This object is not to be used any more.
   *
   * @param arrived whether the file of a path has arrived
   * @throws AthanorException as {@link #of(Recipe, Inputs)}
   */
  public PreparedMerge again(Predicate<Path> arrived) {
    return of(recipe(), open().again(arrived), Optional.of(this), false);
  }

  private static PreparedMerge of(
      Recipe recipe, OpenInputs open, Optional<PreparedMerge> earlier, boolean keepsUnreadable) {
    try {
      StateDict base = open.open(recipe.base().orElseThrow());
      Optional<PreparedMerge> same = earlier.filter(merge -> merge.base.equals(base));
      Map<LoraInput, StateDict> loras = new HashMap<>();
      Function<LoraInput, StateDict> opened =
          input -> loras.computeIfAbsent(input, one -> open.open(one.file()));
      CheckpointModel model =
          same.map(PreparedMerge::model)
              .orElseGet(
                  () -> JudgedBase.of(base, () -> recipe.loras().stream().map(opened).toList()));
      refuseMixedAverages(recipe);
      JudgedMix mix = JudgedMix.of(recipe, base, model, open::open);
      CheckpointEditing editing =
          CheckpointEditing.of(
              recipe.edits(),
              recipe.options().average(),
              !recipe.mix().isEmpty(),
              base,
              model,
              open::open);
      TargetIndex targets = TargetIndex.of(model);
      List<Candidate> candidates = new ArrayList<>();
      for (LoraInput input : recipe.loras()) {
        try {
          StateDict file = opened.apply(input);
          Optional<Candidate> known =
              earlier.flatMap(merge -> merge.candidates().stream().filter(isOf(file)).findFirst());
          candidates.add(
              same.isPresent() && known.isPresent()
                  ? known.get()
                  : judge(
                      input, file, known.flatMap(Candidate::file), model, targets, mix, recipe));
        } catch (AthanorException e) {
          if (!keepsUnreadable || e.problem().kind() != Kind.BAD_FILE) {
            throw e;
          }
          candidates.add(Candidate.unreadable(input, e.problem()));
        }
      }
      List<String> warnings = new ArrayList<>(open.oddities());
      warnings.addAll(mix.warnings());
      warnings.addAll(editing.warnings());
      warnings.addAll(Warnings.of(recipe, model, candidates));
      warnings.addAll(EditionWarning.of(base, model.architecture(), candidates));
      return new PreparedMerge(recipe, base, model, mix, editing, candidates, open, warnings);
    } catch (RuntimeException | Error e) {
      open.close();
      throw e;
    }
  }

  private static void refuseMixedAverages(Recipe recipe) {
    if (recipe.options().average() == AverageFate.MERGED_TOO && !recipe.mix().isEmpty()) {
      throw Problem.usage("--ema-too merges LoRAs into the moving average, and no checkpoints")
          .help("leave the average out: --prune-ema")
          .toException();
    }
  }

  private static Predicate<Candidate> isOf(StateDict file) {
    return candidate -> candidate.file().filter(lora -> lora.source().equals(file)).isPresent();
  }

  private static Candidate judge(
      LoraInput input,
      StateDict file,
      Optional<AdapterFile> known,
      CheckpointModel model,
      TargetIndex targets,
      JudgedMix mix,
      Recipe recipe) {
    if (!AdapterFile.looksLikeAdapter(file.tensors())) {
      Problem problem = InputKinds.notALora(file);
      return new Candidate(input, Optional.empty(), Optional.empty(), Optional.of(problem));
    }
    AdapterFile lora = known.orElseGet(() -> AdapterFile.of(file));
    AdapterMatch match = AdapterMatch.of(lora, model, targets);
    var planned = new PlannedLora(match, input.strength());
    Optional<Problem> refusal =
        match
            .refusal(recipe.options().allowPartial())
            .or(planned::effectProblem)
            .or(planned::filterProblem)
            .or(() -> mix.refusalOf(match, recipe));
    return new Candidate(input, Optional.of(lora), Optional.of(match), refusal);
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

  /** The checkpoints that are combined with the base. */
  public PlannedMix mix() {
    return mix.planned();
  }

  /** What is changed of the base besides the LoRAs. */
  public PlannedEdits edits() {
    return editing.planned();
  }

  /** The same in sentences without a full stop; empty if nothing was asked for. */
  public List<String> editSummary() {
    return editing.summary();
  }

  /** With {@code --skip-incompatible}: each LoRA that is left out, and why. */
  public List<String> leftOut() {
    if (!recipe().options().skipIncompatible()) {
      return List.of();
    }
    return candidates().stream()
        .flatMap(candidate -> candidate.refusal().stream())
        .map(problem -> "left out: " + problem.line())
        .toList();
  }

  /**
   * The plan with all LoRAs that fit. It is made once.
   *
   * @throws AthanorException with the first refusal, unless the options say to leave out what does
   *     not fit; then of kind INCOMPATIBLE only if nothing is left
   */
  public MergePlan plan() {
    MergePlan made = plan;
    if (made == null) {
      made = newPlan();
      plan = made;
    }
    return made;
  }

  private MergePlan newPlan() {
    if (!recipe().options().skipIncompatible()) {
      Optional<Problem> refusal = refusal();
      if (refusal.isPresent()) {
        throw withWayOut(refusal.get()).toException();
      }
    }
    List<PlannedLora> fitting = fitting();
    if (fitting.isEmpty() && mix.planned().models().isEmpty()) {
      throw Problem.incompatible("no LoRA is left to merge: none fits this base")
          .at(base.name())
          .help("athanor check shows why, LoRA by LoRA")
          .toException();
    }
    return MergePlan.of(base, model, mix.planned(), fitting, recipe().options(), editing.planned());
  }

  /** Adds how to go on without the offender, if its own help says nothing better. */
  private Problem withWayOut(Problem refusal) {
    long fitting = candidates().stream().filter(Candidate::fits).count();
    if (fitting == 0 || (refusal.help().isPresent() && candidates().size() == 1)) {
      return refusal;
    }
    String way = "add --skip-incompatible to merge the other " + fitting + " without it";
    return refusal.help(refusal.help().map(help -> help + "; or " + way).orElse(way));
  }
}
