package athanor.job;

import athanor.adapter.AdapterMatch;
import athanor.delta.Change;
import athanor.error.Problem;
import athanor.job.input.InputKinds;
import athanor.merge.method.MixMethod;
import athanor.merge.method.mix.MixMethods;
import athanor.merge.plan.MixedModel;
import athanor.merge.plan.PlannedMix;
import athanor.merge.plan.PlannedModel;
import athanor.merge.plan.StoredPrecision;
import athanor.model.CheckpointModel;
import athanor.model.Trait;
import athanor.recipe.MixInput;
import athanor.recipe.Recipe;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The checkpoints that are combined with a base, judged against it.
 *
 * @param planned what is combined
 * @param warnings what the user should know
 */
record JudgedMix(PlannedMix planned, List<String> warnings) {
  private static final List<Trait> MEANINGFUL =
      List.of(Trait.V_PREDICTION, Trait.ZERO_TERMINAL_SNR, Trait.EDM);

  /** Copies the list. */
  JudgedMix {
    warnings = List.copyOf(warnings);
  }

  /**
   * Judges the checkpoints of a recipe. Each file is opened once, however often it is named.
   *
   * @param open opens a file and sees to its closing
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if one is no checkpoint, of another
   *     architecture, or has weights of other shapes; of kind USAGE if the method cannot combine
   *     what is given
   */
  static JudgedMix of(
      Recipe recipe, StateDict base, CheckpointModel model, Function<Path, StateDict> open) {
    if (!(recipe.method() instanceof MixMethod method)) {
      return new JudgedMix(PlannedMix.none(), List.of());
    }
    Map<Path, PlannedModel> opened = new HashMap<>();
    opened.put(recipe.base().orElseThrow(), PlannedModel.of(base, model));
    Function<Path, PlannedModel> find =
        path -> {
          PlannedModel known = opened.get(path);
          PlannedModel found = known == null ? judged(open.apply(path), base, model) : known;
          opened.put(path, found);
          return found;
        };
    List<MixedModel> models = new ArrayList<>();
    for (MixInput input : recipe.mix()) {
      models.add(
          new MixedModel(find.apply(input.model()), input.minus().map(find), input.strength()));
    }
    boolean combinesLoras = models.isEmpty() && recipe.saysMethod();
    var planned = new PlannedMix(models, method::combination, combinesLoras);
    method
        .refusal(kinds(recipe, combinesLoras))
        .ifPresent(problem -> {
          throw problem.toException();
        });
    var judge = new JudgedMix(planned, List.of());
    return new JudgedMix(planned, judge.findings(base, model, method));
  }

  /**
   * Why a LoRA cannot be combined as the recipe asks; empty if it can, or if LoRAs are added one
   * after the other.
   */
  Optional<Problem> refusalOf(AdapterMatch lora, Recipe recipe) {
    if (!planned.combinesLoras()) {
      return Optional.empty();
    }
    return lora.placed().stream()
        .filter(module ->
            module.changes().stream().anyMatch(change -> change instanceof Change.Transform))
        .findFirst()
        .map(module ->
            Problem.incompatible(
                    "a method that combines what LoRAs add cannot take one whose effect depends on"
                        + " the weight")
                .at(lora.file().name() + ", module " + module.name())
                .found("method " + recipe.method().description().name())
                .help("leave out --method, or merge this LoRA alone and mix the result"));
  }

  private static List<MixMethod.Kind> kinds(Recipe recipe, boolean combinesLoras) {
    List<MixMethod.Kind> kinds = new ArrayList<>();
    recipe
        .mix()
        .forEach(mixed ->
            kinds.add(
                mixed.minus().isPresent() ? MixMethod.Kind.DIFFERENCE : MixMethod.Kind.MODEL));
    if (combinesLoras) {
      recipe.loras().forEach(lora -> kinds.add(MixMethod.Kind.LORA));
    }
    return kinds;
  }

  private static PlannedModel judged(StateDict file, StateDict base, CheckpointModel model) {
    return PlannedModel.of(
        file, InputKinds.requireCompanion(file, "model to be mixed in", base, model));
  }

  private List<String> findings(StateDict base, CheckpointModel model, MixMethod method) {
    List<String> findings = new ArrayList<>();
    Set<StateDict> told = new HashSet<>(Set.of(base));
    int[] reached = planned.contributions(base, model);
    for (int i = 0; i < planned.models().size(); i++) {
      MixedModel mixed = planned.models().get(i);
      if (mixed.strength().isZero()) {
        findings.add(mixed.name() + ": its ratio is 0, so nothing of it is mixed in");
      } else if (reached[i] == 0 && !isReachedElsewhere(mixed, reached)) {
        throw Problem.incompatible("nothing of this checkpoint would be mixed in")
            .at(mixed.model().file().name())
            .found(
                mixed.strength().partsText().isEmpty()
                    ? "no weight in common with " + base.name()
                    : mixed.strength().partsText())
            .help(
                "athanor inspect shows what a file holds; filters and block weights may leave"
                    + " nothing")
            .toException();
      }
      tell(mixed.model(), base, model, told, findings);
      mixed.minus().ifPresent(minus -> tell(minus, base, model, told, findings));
    }
    if (method.equals(MixMethods.LIST.standard()) && leavesNothingOfTheBase()) {
      findings.add(
          "the ratios of the mixed checkpoints add up to 1: nothing of "
              + base.name()
              + " is left where they reach");
    }
    repeated(base, model).ifPresent(findings::add);
    return findings;
  }

  private boolean leavesNothingOfTheBase() {
    List<MixedModel> shares =
        planned.models().stream()
            .filter(mixed -> mixed.minus().isEmpty() && mixed.strength().isUniform())
            .toList();
    double sum = shares.stream().mapToDouble(mixed -> mixed.strength().ratio()).sum();
    return !shares.isEmpty() && sum == 1;
  }

  /** The first checkpoint that is mixed into one weight more than once. */
  private Optional<String> repeated(StateDict base, CheckpointModel model) {
    List<MixedModel> models = planned.models();
    for (int later = 1; later < models.size(); later++) {
      for (int earlier = 0; earlier < later; earlier++) {
        if (models.get(later).meets(models.get(earlier), base, model)) {
          return Optional.of(
              models.get(later).name()
                  + " is mixed in more than once (as number "
                  + (earlier + 1)
                  + " and "
                  + (later + 1)
                  + "); both count");
        }
      }
    }
    return Optional.empty();
  }

  /** Whether another entry mixes in a part of the same file. */
  private boolean isReachedElsewhere(MixedModel mixed, int[] reached) {
    return IntStream.range(0, reached.length)
        .anyMatch(i ->
            reached[i] > 0 && planned.models().get(i).model().file().equals(mixed.model().file()));
  }

  private static void tell(
      PlannedModel mixed,
      StateDict base,
      CheckpointModel model,
      Set<StateDict> told,
      List<String> findings) {
    if (!told.add(mixed.file())) {
      return;
    }
    Set<String> ours = new HashSet<>();
    List<String> lacking = new ArrayList<>();
    for (TensorInfo tensor : base.tensors()) {
      String key = model.commonKey(tensor.key());
      ours.add(key);
      if (StoredPrecision.appliesTo(tensor, model) && mixed.find(key).isEmpty()) {
        lacking.add(tensor.key());
      }
    }
    List<String> more =
        mixed.file().tensors().stream()
            .filter(tensor -> StoredPrecision.appliesTo(tensor, mixed.model()))
            .map(TensorInfo::key)
            .filter(key -> !ours.contains(mixed.model().commonKey(key)))
            .toList();
    some(lacking)
        .ifPresent(text ->
            findings.add(mixed.file().name() + " lacks " + text + "; there the base is kept"));
    some(more)
        .ifPresent(text ->
            findings.add(
                mixed.file().name() + " has " + text + " that the base lacks; they are left out"));
    for (Trait trait : MEANINGFUL) {
      if (model.has(trait) != mixed.model().has(trait)) {
        String with = model.has(trait) ? base.name() : mixed.file().name();
        String without = model.has(trait) ? mixed.file().name() : base.name();
        findings.add(
            with
                + " is marked as "
                + trait.label()
                + " and "
                + without
                + " is not; the result is marked as the base is");
      }
    }
  }

  private static Optional<String> some(List<String> keys) {
    return keys.isEmpty()
        ? Optional.empty()
        : Optional.of(
            keys.size()
                + (keys.size() == 1 ? " weight (" : " weights (such as ")
                + keys.getFirst()
                + ")");
  }
}
