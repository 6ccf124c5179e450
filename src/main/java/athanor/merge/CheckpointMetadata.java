package athanor.merge;

import athanor.merge.metadata.MetadataKeys;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.Trait;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The text metadata of a merged checkpoint: what the base had, less the hashes and the recipe that
 * no longer hold, plus the entries of Stability AI's model specification 1.0.1 under the names and
 * with the values that kohya's scripts write, and the recipe.
 */
public final class CheckpointMetadata {
  private static final String SPECIFICATION = "1.0.1";

  private CheckpointMetadata() {}

  /** What the base had, less stale hashes and its recipe: all that {@code --no_metadata} leaves. */
  public static Map<String, String> inherited(Map<String, String> base) {
    Map<String, String> kept = new LinkedHashMap<>(base);
    kept.keySet().removeAll(MetadataKeys.HASHES);
    kept.remove(MetadataKeys.RECIPE);
    return kept;
  }

  /**
   * The whole metadata.
   *
   * @param plan the merge
   * @param output where the result goes; its name becomes the title
   * @param recipe how it was made, a JSON object
   * @param now the time to write, local, without zone
   */
  public static Map<String, String> of(
      MergePlan plan, Path output, String recipe, LocalDateTime now) {
    Map<String, String> base = plan.base().metadata();
    Map<String, String> result = inherited(base);
    Architecture architecture = plan.model().architecture();
    result.putIfAbsent("format", "pt");
    result.put("modelspec.sai_model_spec", SPECIFICATION);
    architecture
        .modelspecArchitecture()
        .ifPresent(name -> result.put("modelspec.architecture", name));
    architecture
        .modelspecImplementation()
        .ifPresent(link -> result.put("modelspec.implementation", link));
    result.put("modelspec.title", withoutExtension(fileName(output)));
    result.put(
        "modelspec.date",
        DateTimeFormatter.ISO_LOCAL_DATE_TIME
            .withLocale(Locale.ROOT)
            .format(now.truncatedTo(ChronoUnit.SECONDS)));
    architecture
        .modelspecResolution()
        .ifPresent(size -> result.putIfAbsent("modelspec.resolution", size));
    predictionType(plan.model(), base)
        .ifPresent(type -> result.put("modelspec.prediction_type", type));
    result.put("modelspec.merged_from", mergedFrom(plan));
    result.put(MetadataKeys.RECIPE, recipe);
    return result;
  }

  /**
   * What the file itself says, by its metadata or by marker tensors; SD 2.x alone cannot be told.
   */
  private static Optional<String> predictionType(CheckpointModel model, Map<String, String> base) {
    String known = base.get("modelspec.prediction_type");
    if (known != null) {
      return Optional.of(known);
    }
    if (model.has(Trait.V_PREDICTION)) {
      return Optional.of("v");
    }
    boolean unknown = model.architecture() == Architecture.SD2 || model.has(Trait.EDM);
    return unknown ? Optional.empty() : Optional.of("epsilon");
  }

  private static String mergedFrom(MergePlan plan) {
    List<String> titles =
        plan.loras().stream()
            .filter(PlannedLora::isEffective)
            .map(lora -> title(lora.match().file().source().metadata(), lora.match().file().name()))
            .toList();
    String first = title(plan.base().metadata(), plan.base().name());
    return titles.isEmpty()
        ? first
        : first + ", " + titles.stream().collect(Collectors.joining(", "));
  }

  /** The model's own title, else its file name without extension. */
  private static String title(Map<String, String> metadata, String fileName) {
    String title = metadata.get("modelspec.title");
    return title == null || title.isBlank() ? withoutExtension(fileName) : title;
  }

  private static String fileName(Path path) {
    return Objects.requireNonNullElse(path.getFileName(), path).toString();
  }

  private static String withoutExtension(String fileName) {
    int dot = fileName.lastIndexOf('.');
    return dot > 0 ? fileName.substring(0, dot) : fileName;
  }
}
