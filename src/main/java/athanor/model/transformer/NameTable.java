package athanor.model.transformer;

import athanor.model.table.Section;
import athanor.tensor.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Names that another layout, or a trainer, has for modules: lines {@code NAME MODULE[+MODULE…]
 * [ROWS] [scale] [shape:DIMS]}, with N for the number of a block. A line without N is of one block
 * and goes before those with it; {@code scale} is for weights that are called so in this layout,
 * {@code shape} for one that has other dimensions. In a layout, a module that no line speaks of
 * keeps its name.
 */
final class NameTable {
  private static final String SHAPE = "shape:";

  private final String name;
  private final boolean complete;
  private final ModuleTable modules;
  private final Map<String, Line> lines = new HashMap<>();
  private final Map<String, List<String>> namesOf = new HashMap<>();
  private final NumberedNames numbers;

  /** What a name stands for, and how its weight differs from that of the module. */
  private record Line(List<Segment> segments, boolean scale, Optional<Shape> shape) {
    static Line parse(String text, Sizes sizes) {
      List<String> words = List.of(text.split("\\s+"));
      String rows =
          words.stream()
              .skip(1)
              .filter(word -> word.contains(":") && !word.startsWith(SHAPE))
              .findFirst()
              .orElse("");
      return new Line(
          Stream.of(words.getFirst().split("\\+"))
              .map(module -> Segment.parse(module, rows, sizes))
              .toList(),
          words.contains("scale"),
          words.stream()
              .filter(word -> word.startsWith(SHAPE))
              .map(word -> Shape.of(sizes.shape(word.substring(SHAPE.length()))))
              .findFirst());
    }
  }

  private NameTable(String name, boolean complete, ModuleTable modules) {
    this.name = name;
    this.complete = complete;
    this.modules = modules;
    this.numbers = modules.numbers();
  }

  private NameTable(
      String name, boolean complete, ModuleTable modules, Section section, Sizes sizes) {
    this.name = name;
    this.complete = complete;
    this.modules = modules;
    for (String key : section.keys()) {
      Line line = Line.parse(section.text(key), sizes);
      lines.put(key, line);
      for (Segment part : line.segments()) {
        namesOf.computeIfAbsent(part.module(), module -> new ArrayList<>()).add(key);
      }
    }
    this.numbers = NumberedNames.of(lines.keySet());
  }

  /** The layout of those who published the model: every module has its name. */
  static NameTable original(ModuleTable modules) {
    return new NameTable("original", true, modules);
  }

  /** Another layout. */
  static NameTable layout(String name, Section section, ModuleTable modules, Sizes sizes) {
    return new NameTable(name, true, modules, section, sizes);
  }

  /** More names, which no file has for its keys. */
  static NameTable spellings(Section section, ModuleTable modules, Sizes sizes) {
    return new NameTable("spellings", false, modules, section, sizes);
  }

  /** What the table is called. */
  String name() {
    return name;
  }

  /** What a name means, in the order of its rows; nothing if it is no name of this table. */
  List<Segment> find(String written) {
    Line literal = lines.get(written);
    if (literal != null) {
      return literal.segments();
    }
    NumberedNames.Numbered split = numbers.split(written);
    Line pattern = lines.get(split.pattern());
    if (pattern != null && split.number().isPresent()) {
      return pattern.segments().stream()
          .map(segment -> new Segment(split.in(segment.module()), segment.rows()))
          .toList();
    }
    return complete && !isRenamed(written) && modules.find(written).isPresent()
        ? List.of(Segment.whole(written))
        : List.of();
  }

  /** The line of a name; empty if it keeps the name of the original. */
  private Optional<Line> line(String written) {
    return Optional.ofNullable(lines.get(written))
        .or(() -> Optional.ofNullable(lines.get(numbers.split(written).pattern())));
  }

  /**
   * The tensors of a complete model in this layout, each once.
   *
   * @param names the modules that the model has, by the names of the original
   */
  List<LayoutTensor> tensors(Collection<String> names) {
    Map<String, LayoutTensor> tensors = new LinkedHashMap<>();
    for (String module : names) {
      for (String written : namesOf(module)) {
        tensors.computeIfAbsent(written, this::tensor);
      }
    }
    return List.copyOf(tensors.values());
  }

  private LayoutTensor tensor(String written) {
    List<Segment> segments = find(written);
    ModuleLine first = modules.find(segments.getFirst().module()).orElseThrow();
    long[] dims = first.shape().dims();
    if (dims.length > 0) {
      dims[0] = segments.stream().mapToLong(segment -> segment.count(modules)).sum();
    }
    Optional<Line> line = line(written);
    boolean bare = first.ending().isEmpty();
    String ending =
        bare || isOriginal()
            ? first.ending()
            : line.filter(Line::scale).isPresent() ? ".scale" : ".weight";
    return new LayoutTensor(
        written,
        ending,
        line.flatMap(Line::shape).orElseGet(() -> Shape.of(dims)),
        first.bias(),
        segments);
  }

  private boolean isOriginal() {
    return complete && lines.isEmpty();
  }

  private boolean isRenamed(String module) {
    return namesOf.containsKey(module)
        || namesOf.containsKey(modules.numbers().split(module).pattern());
  }

  /** The names of what a module is here: of the whole, of its parts, or of something around it. */
  List<String> namesOf(String module) {
    List<String> literal = namesOf.get(module);
    if (literal != null) {
      return literal;
    }
    NumberedNames.Numbered split = modules.numbers().split(module);
    List<String> pattern = namesOf.get(split.pattern());
    if (pattern != null) {
      return pattern.stream().map(split::in).toList();
    }
    return complete ? List.of(module) : List.of();
  }
}
