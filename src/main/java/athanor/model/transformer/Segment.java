package athanor.model.transformer;

import athanor.tensor.Rows.Run;
import java.util.List;
import java.util.stream.Stream;

/**
 * Rows of a module of the original layout: {@code MODULE [FIRST:END,…]} of a table.
 *
 * @param module the name of the module, or a pattern of it
 * @param rows these rows in this order; none if they are all in their own order
 */
record Segment(String module, List<Run> rows) {

  static Segment parse(String module, String rows, Sizes sizes) {
    return new Segment(
        module,
        rows.isEmpty()
            ? List.of()
            : Stream.of(rows.split(",")).map(text -> run(text, sizes)).toList());
  }

  private static Run run(String text, Sizes sizes) {
    String[] ends = text.split(":");
    long first = sizes.value(ends[0]);
    return new Run(first, sizes.value(ends[1]) - first);
  }

  /** How many rows it has in a complete model. */
  long count(ModuleTable modules) {
    return rows.isEmpty()
        ? modules.find(module).orElseThrow().shape().rows()
        : rows.stream().mapToLong(Run::count).sum();
  }

  /** All rows of a module. */
  static Segment whole(String module) {
    return new Segment(module, List.of());
  }
}
