package athanor.model.transformer;

import athanor.model.table.Section;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The sections of a table beside this class, by their names.
 *
 * @param byName the sections
 */
record Sections(Map<String, Section> byName) {

  /** Reads a table. */
  static Sections read(String resource) {
    return new Sections(
        Section.read(Sections.class, resource).stream()
            .collect(Collectors.toUnmodifiableMap(Section::name, Function.identity())));
  }

  /**
   * The section of this name.
   *
   * @throws NullPointerException if there is none
   */
  Section section(String name) {
    return Objects.requireNonNull(byName.get(name), name);
  }

  /** The section of this name; empty if there is none. */
  Optional<Section> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** What stands behind a word in the names of sections, sorted. */
  List<String> behind(String word) {
    return byName.keySet().stream()
        .filter(name -> name.startsWith(word + " "))
        .map(name -> name.substring(word.length() + 1))
        .sorted()
        .toList();
  }
}
