package athanor.model;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The base that a LoRA's metadata names. Compared by prefix, the longest first: trainers add
 * versions and variants.
 */
final class LoraMetadata {
  private static final String BASE_VERSION = "ss_base_model_version";
  private static final String MODELSPEC = "modelspec.architecture";
  private static final String SECOND_VERSION = "ss_v2";

  private static final List<Named> BASE_VERSIONS = named(ArchitectureFacts::saidBase);
  private static final List<Named> MODELSPECS = named(ArchitectureFacts::saidModelspec);

  private LoraMetadata() {}

  /**
   * What the metadata says.
   *
   * @param architecture the base
   * @param evidence the entry that says it
   */
  record Statement(Architecture architecture, String evidence) {}

  static Optional<Statement> read(Map<String, String> metadata) {
    return named(metadata, BASE_VERSION, BASE_VERSIONS)
        .or(() -> named(metadata, MODELSPEC, MODELSPECS))
        .or(() -> secondVersion(metadata));
  }

  private static Optional<Statement> named(
      Map<String, String> metadata, String entry, List<Named> names) {
    String value = metadata.getOrDefault(entry, "");
    return names.stream()
        .filter(named -> value.startsWith(named.prefix))
        .findFirst()
        .map(named -> new Statement(named.architecture, "metadata " + entry + " is " + value));
  }

  private static Optional<Statement> secondVersion(Map<String, String> metadata) {
    String value = metadata.getOrDefault(SECOND_VERSION, "");
    return Architectures.all().stream()
        .filter(one -> one.facts().saidV2().filter(value::equals).isPresent())
        .findFirst()
        .map(one -> new Statement(one, "metadata " + SECOND_VERSION + " is " + value));
  }

  private record Named(String prefix, Architecture architecture) {}

  private static List<Named> named(Function<ArchitectureFacts, List<String>> prefixes) {
    return Architectures.all().stream()
        .flatMap(one -> prefixes.apply(one.facts()).stream().map(prefix -> new Named(prefix, one)))
        .sorted(Comparator.comparingInt((Named named) -> named.prefix.length()).reversed())
        .toList();
  }
}
