package athanor.card;

import athanor.error.PrintableText;
import athanor.recipe.Provenance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the front matter of a card says, key by key. */
final class CardMetadata {
  private final CardFacts facts;

  private CardMetadata(CardFacts facts) {
    this.facts = facts;
  }

  /** Texts and lists of texts, in the order in which the card has them. */
  static Map<String, Object> of(CardFacts facts, LicenseChoice license) {
    var metadata = new CardMetadata(facts);
    Map<String, Object> values = new LinkedHashMap<>();
    license.id().ifPresent(id -> values.put("license", id));
    values.put("library_name", facts.lora() ? "diffusers" : "diffusion-single-file");
    metadata.task().ifPresent(task -> values.put("pipeline_tag", task));
    metadata.putBase(values);
    if (facts.lora() && !facts.triggerWords().isEmpty()) {
      values.put("instance_prompt", PrintableText.line(String.join(", ", facts.triggerWords())));
    }
    values.put("tags", metadata.tags());
    return values;
  }

  /**
   * A LoRA is an adapter of the models that its parts were made for, where their listings name
   * them. Otherwise the base of a result are the repositories of its inputs; none is named by
   * guessing.
   */
  private void putBase(Map<String, Object> values) {
    List<String> madeFor =
        facts.loras().stream().flatMap(lora -> HubNames.madeFor(lora).stream()).distinct().toList();
    if (facts.lora() && !madeFor.isEmpty()) {
      putBase(values, madeFor, "adapter");
      return;
    }
    List<String> repositories =
        facts.inputs().stream()
            .flatMap(input -> HubNames.repository(input).stream())
            .distinct()
            .toList();
    putBase(values, repositories, isOwnTraining() ? "finetune" : "merge");
  }

  /** A base with one LoRA that was never published: a fine-tune that came in two files. */
  private boolean isOwnTraining() {
    return facts.recipe().flatMap(Provenance::base).isPresent()
        && facts.loras().size() == 1
        && facts.inputs().size() == 2
        && facts.loras().getFirst().origin().link().isEmpty();
  }

  private static void putBase(Map<String, Object> values, List<String> models, String relation) {
    if (!models.isEmpty()) {
      values.put("base_model", models.size() == 1 ? models.getFirst() : models);
      values.put("base_model_relation", relation);
    }
  }

  private Optional<String> task() {
    return facts.architecture().map(known -> known.facts().task());
  }

  private List<String> tags() {
    List<String> tags = new ArrayList<>();
    facts.architecture().flatMap(known -> known.facts().cardTag()).ifPresent(tags::add);
    task().ifPresent(tags::add);
    if (facts.lora()) {
      tags.add("lora");
    }
    if (facts.isMerge()) {
      tags.add("merge");
    }
    if (facts.recipe().isPresent()) {
      tags.add("athanor");
    }
    return tags;
  }
}
