package athanor.merge.metadata;

import athanor.adapter.TagFrequency;
import athanor.merge.lora.LoraRanks;
import athanor.merge.plan.PlannedLora;
import athanor.model.Architecture;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The text metadata of a merged LoRA, under the names and with the values that kohya's scripts
 * write: what describes the network always; the model specification 1.0.1, trigger words of the
 * inputs and the recipe unless the user wants none. The hashes are the writer's.
 */
public final class MergedLoraMetadata {
  /** Said by one input, they hold for the result; said by several, all are kept. */
  private static final List<String> JOINED =
      List.of(
          "modelspec.trigger_phrase",
          "modelspec.tags",
          "modelspec.usage_hint",
          "modelspec.author",
          "modelspec.license");

  private final Architecture architecture;
  private final List<Map<String, String>> inputs;
  private final List<String> titles;

  /**
   * Metadata of a merge.
   *
   * @param architecture the architecture of all inputs
   * @param loras the inputs
   */
  public MergedLoraMetadata(Architecture architecture, List<PlannedLora> loras) {
    this.architecture = architecture;
    this.inputs = loras.stream().map(lora -> lora.match().file().source().metadata()).toList();
    this.titles =
        loras.stream()
            .map(lora -> lora.match().file())
            .map(file -> Modelspec.titleOf(file.source().metadata(), file.name()))
            .toList();
  }

  /**
   * What describes the network; all that {@code --no_metadata} leaves. What no input says about the
   * base is said from its architecture, since web UIs sort LoRAs by it.
   */
  public Map<String, String> network(LoraRanks ranks) {
    Map<String, String> result = network(ranks.networkDim(), ranks.networkDim());
    result.putIfAbsent("ss_v2", architecture.isClaimedBy("--v2") ? "True" : "False");
    architecture
        .facts()
        .mergedBaseVersion()
        .ifPresent(version -> result.putIfAbsent("ss_base_model_version", version));
    if (!ranks.networkArguments().isEmpty()) {
      result.put("ss_network_args", ranks.networkArguments());
    }
    return result;
  }

  /** What kohya's script says of the network, and no more. */
  public Map<String, String> network(String dim, String alpha) {
    Map<String, String> result = new LinkedHashMap<>();
    result.put("ss_network_module", "networks.lora");
    result.put("ss_network_dim", dim);
    result.put("ss_network_alpha", alpha);
    for (String key : List.of("ss_v2", "ss_base_model_version")) {
      values(key).findFirst().ifPresent(value -> result.put(key, value));
    }
    return result;
  }

  /**
   * What describes the model, its origin and its trigger words.
   *
   * @param output where the result goes
   * @param recipe how it was made, a JSON object
   * @param method the method in words
   * @param stamp its date and title
   */
  public Map<String, String> description(Path output, String recipe, String method, Stamp stamp) {
    Map<String, String> result =
        new Modelspec(
                architectureName(),
                architecture.modelspecLoraImplementation(),
                stamp.titleOf(output),
                stamp.dateOf(inputs.stream()),
                values("modelspec.resolution").findFirst().or(architecture::modelspecResolution),
                predictionType(),
                titles)
            .entries();
    for (String key : JOINED) {
      String joined = String.join(", ", values(key).distinct().toList());
      if (!joined.isEmpty()) {
        result.put(key, joined);
      }
    }
    TagFrequency tags =
        TagFrequency.sum(values(TagFrequency.METADATA_KEY).map(TagFrequency::parse).toList());
    if (!tags.isEmpty()) {
      result.put(TagFrequency.METADATA_KEY, tags.toJson());
    }
    result.put(MetadataKeys.RECIPE, recipe);
    result.put("athanor.method", method);
    return result;
  }

  /** SD 2.x has two names, which only the inputs can tell apart. */
  private Optional<String> architectureName() {
    Optional<String> said =
        values("modelspec.architecture")
            .filter(name ->
                name.endsWith("/lora")
                    && architecture.facts().saidModelspec().stream().anyMatch(name::startsWith))
            .findFirst();
    return architecture.hidesPrediction() && said.isPresent()
        ? said
        : architecture.modelspecArchitecture().map(name -> name + "/lora");
  }

  /** What the inputs say with one voice; without a word, SD 2.x alone cannot be told. */
  private Optional<String> predictionType() {
    List<String> said = values("modelspec.prediction_type").distinct().toList();
    if (said.isEmpty()) {
      return architecture.facts().predictsNoise() ? Optional.of("epsilon") : Optional.empty();
    }
    return said.size() == 1 ? Optional.of(said.getFirst()) : Optional.empty();
  }

  private Stream<String> values(String key) {
    return inputs.stream()
        .map(metadata -> metadata.getOrDefault(key, ""))
        .filter(value -> !value.isBlank());
  }
}
