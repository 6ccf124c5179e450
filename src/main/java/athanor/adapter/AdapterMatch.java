package athanor.adapter;

import athanor.delta.Change;
import athanor.error.Problem;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.LoraArchitecture;
import athanor.model.TargetIndex;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A LoRA against a checkpoint: what becomes of every module and every key. Immutable.
 *
 * @param file the LoRA
 * @param targets what the modules were looked up in
 * @param madeFor the architecture it was made for, with the evidence
 * @param modules the outcome of each module, sorted by name
 * @param refusal why the file cannot be merged; empty if it can
 * @param partial says that most of it would be left out, for another reason than that the
 *     checkpoint lacks a part which checkpoints may lack; empty if that is not so
 * @param notes what is left out or doubtful, grouped
 */
public record AdapterMatch(
    AdapterFile file,
    TargetIndex targets,
    LoraArchitecture madeFor,
    List<ModuleMatch> modules,
    Optional<Problem> refusal,
    Optional<Problem> partial,
    List<String> notes) {

  /** Copies the lists. */
  public AdapterMatch {
    modules = List.copyOf(modules);
    notes = List.copyOf(notes);
  }

  /** Matches every module of a file with the checkpoint behind {@code targets}. */
  public static AdapterMatch of(AdapterFile file, CheckpointModel model, TargetIndex targets) {
    LoraArchitecture madeFor = file.madeFor();
    List<ModuleMatch> modules = new ModuleMatcher(file, model, targets).match();
    Optional<Problem> refusal = new MatchRefusal(file, model, madeFor, modules).refusal();
    var leftOut = new LeftOut(file, modules);
    List<String> notes = new ArrayList<>(sibling(madeFor, model.architecture()).stream().toList());
    notes.addAll(MatchNotes.of(file, modules, leftOut));
    return new AdapterMatch(file, targets, madeFor, modules, refusal, leftOut.most(), notes);
  }

  /** That it may have been made for another model whose modules have the same names and shapes. */
  private static Optional<String> sibling(LoraArchitecture madeFor, Architecture base) {
    return madeFor instanceof LoraArchitecture.Certain certain
            && base.facts().table().isPresent()
            && !certain.architecture().equals(base)
            && certain.architecture().sharesModulesWith(base)
        ? Optional.of(
            "made for "
                + certain.architecture().label()
                + ", or for "
                + base.label()
                + ": its modules fit both; try the result before you use it")
        : Optional.empty();
  }

  /**
   * Why the file is not merged; empty if it is.
   *
   * @param allowPartial whether it may be one of which most is left out
   */
  public Optional<Problem> refusal(boolean allowPartial) {
    return allowPartial ? refusal : refusal.or(() -> partial);
  }

  /** The architecture it was made for in a word or two, or {@code ?}. */
  public String madeForText() {
    return switch (madeFor) {
      case LoraArchitecture.Certain certain -> certain.architecture().label();
      case LoraArchitecture.OneOf several ->
          several.candidates().stream()
              .map(Architecture::label)
              .collect(Collectors.joining(" or "));
      case LoraArchitecture.Undetermined _ -> "?";
    };
  }

  /** All modules that fit, in the order of their names. */
  public List<PlacedModule> placed() {
    List<PlacedModule> placed = new ArrayList<>();
    for (ModuleMatch match : modules) {
      if (match.outcome() instanceof ModuleOutcome.Applied applied) {
        placed.addAll(applied.placed());
      }
    }
    return placed;
  }

  /** Number of modules that fit, a repeated one counted with its twin. */
  public int applied() {
    return (int)
        modules.stream()
            .map(ModuleMatch::outcome)
            .filter(outcome ->
                outcome instanceof ModuleOutcome.Applied
                    || outcome instanceof ModuleOutcome.Repeated)
            .count();
  }

  /** Number of modules of the file, empty ones too. */
  public int total() {
    return modules.size() + file.empty().size();
  }

  /**
   * Why it would change nothing at any strength, though it fits: every scale is 0, or factors are.
   * Empty if it changes something, or while its values are elsewhere.
   */
  public Optional<Problem> effectProblem() {
    Set<AdapterModule> zero = new HashSet<>(file.idle());
    int alphas = 0;
    int factors = 0;
    int total = 0;
    for (ModuleMatch match : modules) {
      if (match.outcome() instanceof ModuleOutcome.Applied applied) {
        total++;
        if (zero.contains(match.module())) {
          factors++;
        } else if (applied.changes().stream().allMatch(Change::changesNothing)) {
          alphas++;
        }
      }
    }
    if (total == 0 || alphas + factors < total) {
      return Optional.empty();
    }
    String found =
        alphas == 0
            ? "factors of zeros in every module that fits"
            : factors == 0
                ? "alpha 0 in all of its modules"
                : "alpha 0 or factors of zeros in every module that fits";
    return Optional.of(
        Problem.incompatible("this LoRA changes nothing")
            .at(file.name())
            .found(found)
            .help("leave it out, or get an undamaged copy"));
  }

  /** Modules that the checkpoint has no place for, by reason. */
  public Map<String, List<String>> withoutTarget() {
    Map<String, List<String>> byReason = new TreeMap<>();
    for (ModuleMatch match : modules) {
      if (match.outcome() instanceof ModuleOutcome.WithoutTarget(String reason, _)) {
        byReason.computeIfAbsent(reason, key -> new ArrayList<>()).add(match.module().name());
      }
    }
    return byReason;
  }
}
