package athanor.model.transformer;

import athanor.model.table.Section;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The modules of a complete component in the layout of those who published it. */
final class ModuleTable {
  private static final String REPEAT = "repeat";

  private final Map<String, List<ModuleLine>> byPattern = new HashMap<>();
  private final List<ModuleLine> lines = new ArrayList<>();
  private final NumberedNames numbers;

  private ModuleTable(Section section, Sizes sizes) {
    for (String pattern : section.keys()) {
      if (pattern.equals(REPEAT)) {
        continue;
      }
      for (String text : section.all(pattern)) {
        ModuleLine line = ModuleLine.parse(pattern, text, sizes);
        lines.add(line);
        byPattern.computeIfAbsent(pattern, key -> new ArrayList<>()).add(line);
      }
    }
    this.numbers = NumberedNames.of(byPattern.keySet());
  }

  static ModuleTable of(Section section, Sizes sizes) {
    return new ModuleTable(section, sizes);
  }

  /** All lines, those of groups that the architecture does not have too. */
  List<ModuleLine> lines() {
    return lines;
  }

  /** How its names are numbered. */
  NumberedNames numbers() {
    return numbers;
  }

  /** What is known of the module of a name; empty if it is none of these. */
  Optional<ModuleLine> find(String module) {
    List<ModuleLine> literal = byPattern.get(module);
    if (literal != null) {
      return Optional.of(literal.getFirst());
    }
    NumberedNames.Numbered split = numbers.split(module);
    return byPattern.getOrDefault(split.pattern(), List.of()).stream()
        .filter(line -> split.number().isPresent() && line.covers(split.number().getAsInt()))
        .findFirst();
  }

  /** The modules that have no group, or one of these, in a model with so many blocks. */
  List<String> names(Map<String, Integer> counts, Collection<String> groups) {
    return lines.stream()
        .filter(line -> line.group().isEmpty() || groups.contains(line.group().get()))
        .flatMap(line -> line.names(counts).stream())
        .toList();
  }
}
