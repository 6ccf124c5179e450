package athanor.job;

import athanor.merge.MergePlan;
import athanor.merge.PlannedLora;
import athanor.recipe.Provenance;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.StateDict;
import java.util.Optional;

/** Notes how a merge was made, for the metadata of its result. */
final class RecipeRecord {
  private RecipeRecord() {}

  static Provenance of(String version, PreparedMerge merge, MergePlan plan) {
    return new Provenance(
        version,
        Optional.of(input(plan.base(), Optional.empty())),
        plan.loras().stream().map(RecipeRecord::input).toList(),
        merge.recipe().options(),
        merge.edits().vae().map(vae -> input(vae.file(), Optional.empty())),
        !merge.edits().positionIds().isEmpty());
  }

  private static Provenance.Input input(PlannedLora lora) {
    return input(lora.match().file().source(), Optional.of(lora.ratio()));
  }

  private static Provenance.Input input(StateDict file, Optional<Double> ratio) {
    Optional<String> hash =
        file instanceof SafetensorsFile safetensors
            ? Optional.of(safetensors.headerSha256())
            : Optional.empty();
    long bytes = file.files().stream().mapToLong(one -> one.size()).sum();
    return new Provenance.Input(file.name(), bytes, hash, ratio);
  }
}
