package athanor.merge.metadata;

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

/**
 * The entries of Stability AI's model specification 1.0.1 that every result has, under the names
 * and with the values that kohya's scripts write. Immutable.
 *
 * @param architecture the architecture in the specification's words
 * @param implementation a link to the code that runs it
 * @param title the name of the model
 * @param date when it was made, UTC, without zone; empty where nothing tells
 * @param resolution the size of its images
 * @param predictionType {@code epsilon} or {@code v}; empty where nothing tells
 * @param mergedFrom titles of what it was made from; empty for what is no merge
 */
public record Modelspec(
    Optional<String> architecture,
    Optional<String> implementation,
    String title,
    Optional<LocalDateTime> date,
    Optional<String> resolution,
    Optional<String> predictionType,
    List<String> mergedFrom) {
  private static final String VERSION = "1.0.1";
  static final String TITLE = "modelspec.title";
  static final String DATE = "modelspec.date";

  /** Copies the list. */
  public Modelspec {
    mergedFrom = List.copyOf(mergedFrom);
  }

  /** The entries, in the order in which kohya's scripts write them. */
  public Map<String, String> entries() {
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put("modelspec.sai_model_spec", VERSION);
    architecture.ifPresent(name -> entries.put("modelspec.architecture", name));
    implementation.ifPresent(link -> entries.put("modelspec.implementation", link));
    entries.put(TITLE, title);
    date.ifPresent(time ->
        entries.put(
            DATE,
            DateTimeFormatter.ISO_LOCAL_DATE_TIME
                .withLocale(Locale.ROOT)
                .format(time.truncatedTo(ChronoUnit.SECONDS))));
    resolution.ifPresent(size -> entries.put("modelspec.resolution", size));
    predictionType.ifPresent(type -> entries.put("modelspec.prediction_type", type));
    if (!mergedFrom.isEmpty()) {
      entries.put("modelspec.merged_from", String.join(", ", mergedFrom));
    }
    return entries;
  }

  /** The title that a file's name gives: without folder and extension. */
  static String titleOf(Path file) {
    return withoutExtension(Objects.requireNonNullElse(file.getFileName(), file).toString());
  }

  /** The title that a model has of its own, else that of its file's name. */
  static String titleOf(Map<String, String> metadata, String fileName) {
    String title = metadata.getOrDefault(TITLE, "");
    return title.isBlank() ? withoutExtension(fileName) : title;
  }

  private static String withoutExtension(String fileName) {
    int dot = fileName.lastIndexOf('.');
    return dot > 0 ? fileName.substring(0, dot) : fileName;
  }
}
