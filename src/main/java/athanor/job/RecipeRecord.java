package athanor.job;

import athanor.merge.MergePlan;
import athanor.merge.PlannedLora;
import athanor.recipe.LoraWeights;
import athanor.recipe.Provenance;
import athanor.recipe.Recipe;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.StateDict;
import java.util.List;
import java.util.Optional;

/** Notes how a merge was made, for the metadata of its result. */
final class RecipeRecord {
  private RecipeRecord() {}

  static Provenance of(String version, PreparedMerge merge, MergePlan plan) {
    return new Provenance(
        version,
        Optional.of(input(plan.base(), Optional.empty(), LoraWeights.NONE)),
        plan.loras().stream().map(RecipeRecord::input).toList(),
        merge.recipe().options(),
        merge.edits().vae().map(vae -> input(vae.file(), Optional.empty(), LoraWeights.NONE)),
        !merge.edits().positionIds().isEmpty());
  }

  /** A merge of LoRAs into one LoRA. */
  static Provenance of(String version, List<PlannedLora> loras, Recipe recipe) {
    return new Provenance(
        version,
        Optional.empty(),
        loras.stream().map(RecipeRecord::input).toList(),
        recipe.options());
  }

  private static Provenance.Input input(PlannedLora lora) {
    return input(lora.match().file().source(), Optional.of(lora.ratio()), lora.weights());
  }

  private static Provenance.Input input(
      StateDict file, Optional<Double> ratio, LoraWeights weights) {
    Optional<String> hash =
        file instanceof SafetensorsFile safetensors
            ? Optional.of(safetensors.headerSha256())
            : Optional.empty();
    long bytes = file.files().stream().mapToLong(one -> one.size()).sum();
    return new Provenance.Input(file.name(), bytes, hash, ratio, weights);
  }
}
