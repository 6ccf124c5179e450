package athanor.job;

import athanor.error.PrintableText;
import athanor.job.inspect.LoraTraining;
import athanor.merge.method.LoraMergePlan;
import athanor.merge.plan.MergePlan;
import athanor.merge.plan.MixedModel;
import athanor.merge.plan.PlannedLora;
import athanor.merge.plan.Strength;
import athanor.recipe.InputOrigin;
import athanor.recipe.Provenance;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.StateDict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Notes how a merge was made, for the metadata of its result. */
final class RecipeRecord {
  private final Function<StateDict, InputOrigin> origins;

  private RecipeRecord(Function<StateDict, InputOrigin> origins) {
    this.origins = origins;
  }

  static Provenance of(String version, PreparedMerge merge, MergePlan plan) {
    var record = new RecipeRecord(merge::originOf);
    return new Provenance(
        version,
        Optional.of(record.part(plan.base())),
        plan.mix().models().stream().map(record::mixed).toList(),
        plan.loras().stream().map(record::lora).toList(),
        merge.recipe().options(),
        merge.edits().vae().map(vae -> record.part(vae.file())),
        !merge.edits().positionIds().isEmpty(),
        merge.recipe().saysMethod() ? Optional.of(merge.recipe().method()) : Optional.empty());
  }

  /** A merge of LoRAs into one LoRA. */
  static Provenance of(String version, PreparedLoraMerge merge, LoraMergePlan plan) {
    var record = new RecipeRecord(merge::originOf);
    return new Provenance(
        version,
        Optional.empty(),
        plan.loras().stream().map(record::lora).toList(),
        merge.recipe().options(),
        Optional.empty(),
        false,
        Optional.of(plan.method()));
  }

  private Provenance.Input part(StateDict file) {
    return input(file, Optional.empty(), origins.apply(file));
  }

  private Provenance.Mixed mixed(MixedModel mixed) {
    StateDict file = mixed.model().file();
    return new Provenance.Mixed(
        input(file, Optional.of(mixed.strength()), origins.apply(file)),
        mixed.minus().map(minus -> part(minus.file())));
  }

  private Provenance.Input lora(PlannedLora lora) {
    StateDict file = lora.match().file().source();
    InputOrigin known = origins.apply(file);
    InputOrigin origin =
        known.with(
            triggerWords(file, known),
            Optional.of(PrintableText.line(file.metadata().getOrDefault("modelspec.author", "")))
                .filter(author -> !author.isEmpty()));
    return input(file, Optional.of(lora.strength()), origin);
  }

  private static List<String> triggerWords(StateDict file, InputOrigin known) {
    List<String> words = new ArrayList<>(known.triggerWords());
    LoraTraining.triggerWords(file.metadata()).stream()
        .filter(word -> words.stream().noneMatch(word::equalsIgnoreCase))
        .forEach(words::add);
    return words;
  }

  private static Provenance.Input input(
      StateDict file, Optional<Strength> strength, InputOrigin origin) {
    Optional<String> hash =
        file instanceof SafetensorsFile safetensors
            ? Optional.of(safetensors.headerSha256())
            : Optional.empty();
    long bytes = file.files().stream().mapToLong(one -> one.size()).sum();
    return new Provenance.Input(file.name(), bytes, hash, strength, origin);
  }
}
