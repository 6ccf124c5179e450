package athanor.merge.metadata;

import athanor.merge.lora.extract.ExtractionOptions;
import athanor.model.Architecture;
import athanor.model.ArchitectureFacts;
import athanor.model.CheckpointModel;
import athanor.model.Trait;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The metadata of an extracted LoRA, as kohya's {@code extract_lora_from_models.py} writes it.
 * Trainers and user interfaces read the {@code ss_*} entries; they are always written.
 */
public final class ExtractionMetadata {
  private ExtractionMetadata() {}

  /**
   * The metadata without hashes.
   *
   * @param model the tuned checkpoint
   * @param predictsV whether the user said that it predicts v; SD 2.x alone does not show it
   * @param options what was done
   * @param withModelspec whether to write the entries of Stability AI's model specification too
   * @param output where it goes
   * @param stamp its date and title
   * @param inputs the metadata of both checkpoints
   */
  public static Map<String, String> of(
      CheckpointModel model,
      boolean predictsV,
      ExtractionOptions options,
      boolean withModelspec,
      Path output,
      Stamp stamp,
      List<Map<String, String>> inputs) {
    boolean v = predictsV || model.has(Trait.V_PREDICTION);
    Architecture architecture = model.architecture();
    Map<String, String> result = new LinkedHashMap<>();
    result.put("ss_v2", architecture.isClaimedBy("--v2") ? "True" : "False");
    architecture
        .facts()
        .baseVersion(v)
        .ifPresent(version -> result.put("ss_base_model_version", version));
    result.put("ss_network_module", "networks.lora");
    result.put("ss_network_dim", Integer.toString(options.rank()));
    result.put("ss_network_alpha", Double.toString(options.rank()));
    result.put("ss_network_args", networkArguments(options.convRank()));
    if (withModelspec) {
      addModelspec(result, architecture, v, stamp.titleOf(output), stamp.dateOf(inputs.stream()));
    }
    return result;
  }

  private static String networkArguments(OptionalInt convRank) {
    if (convRank.isEmpty()) {
      return "{}";
    }
    int rank = convRank.getAsInt();
    return "{\"conv_dim\": \"" + rank + "\", \"conv_alpha\": \"" + (double) rank + "\"}";
  }

  private static void addModelspec(
      Map<String, String> result,
      Architecture architecture,
      boolean v,
      String title,
      Optional<LocalDateTime> date) {
    ArchitectureFacts facts = architecture.facts();
    Optional<String> name =
        (v ? Optional.<String>empty() : facts.noiseModelspec())
            .or(architecture::modelspecArchitecture);
    result.putAll(
        new Modelspec(
                name.map(one -> one + "/lora"),
                architecture.modelspecLoraImplementation(),
                title,
                date,
                resolution(architecture, v),
                prediction(architecture, v),
                List.of())
            .entries());
  }

  private static Optional<String> prediction(Architecture architecture, boolean v) {
    if (v) {
      return Optional.of("v");
    }
    boolean noise = architecture.facts().predictsNoise() || architecture.hidesPrediction();
    return noise ? Optional.of("epsilon") : Optional.empty();
  }

  private static Optional<String> resolution(Architecture architecture, boolean v) {
    OptionalInt ofNoise = v ? OptionalInt.empty() : architecture.facts().noiseResolution();
    return ofNoise.stream()
        .mapToObj(side -> side + "x" + side)
        .findFirst()
        .or(architecture::modelspecResolution);
  }
}
