package athanor.model.transformer;

import athanor.tensor.Rows.Run;
import java.util.List;
import java.util.stream.Stream;

/**
 * A module as diffusers has it, and what it is here: a line {@code DIFFUSERS ORIGINAL [ROWS]}.
 *
 * @param diffusers its name in diffusers, with N for the number of a block
 * @param original the name of the module here, likewise
 * @param rows the rows that are the module in diffusers, in its order; none if they are all
 */
record PartName(String diffusers, String original, List<Run> rows) {

  static PartName parse(String diffusers, List<String> words) {
    List<Run> rows =
        words.size() < 2
            ? List.of()
            : Stream.of(words.get(1).split(",")).map(PartName::run).toList();
    return new PartName(diffusers, words.getFirst(), rows);
  }

  private static Run run(String text) {
    String[] ends = text.split(":");
    long first = Long.parseLong(ends[0]);
    return new Run(first, Long.parseLong(ends[1]) - first);
  }
}
