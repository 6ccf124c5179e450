package athanor.card;

import athanor.error.NearestNames;
import athanor.error.Problem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The identifiers of licences that the Hugging Face Hub knows, from the resource {@code
 * licenses.tsv}.
 */
final class Licenses {
  private static final Map<String, String> NAMES = read();

  private Licenses() {}

  /** The identifier in the Hub's spelling, if it is one. */
  static Optional<String> find(String text) {
    String wanted = text.strip().toLowerCase(Locale.ROOT);
    return NAMES.containsKey(wanted) ? Optional.of(wanted) : Optional.empty();
  }

  /** The name of a licence, such as {@code CreativeML OpenRAIL-M}. */
  static String nameOf(String id) {
    return Objects.requireNonNull(NAMES.get(id));
  }

  /** As {@link #find}; of kind USAGE with the nearest identifiers if there is none. */
  static String require(String text) {
    return find(text)
        .orElseThrow(() -> {
          List<String> near = NearestNames.of(text.strip(), NAMES.keySet());
          return Problem.usage("the Hugging Face Hub knows no licence of this name")
              .at("--license")
              .found("'" + text + "'")
              .expected("for example creativeml-openrail-m, openrail++ or other")
              .help(
                  near.isEmpty()
                      ? "--license other says that it is one without an identifier"
                      : "did you mean " + String.join(" or ", near) + "?")
              .toException();
        });
  }

  private static Map<String, String> read() {
    Map<String, String> names = new LinkedHashMap<>();
    try (var in = Objects.requireNonNull(Licenses.class.getResourceAsStream("licenses.tsv"));
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      reader
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", 2))
          .forEach(fields -> names.put(fields[0], fields[1]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Collections.unmodifiableMap(names);
  }
}
