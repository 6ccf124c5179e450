package athanor.model.transformer;

import athanor.model.block.BlockScheme;
import athanor.model.table.Section;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What tells one architecture of a table from the others: a section {@code [sizes ID]} with a line
 * {@code LETTER NUMBER} for each size that they do not have in common, and lines {@code scheme},
 * {@code groups}, {@code variant}, {@code encoder}, {@code kohya}, {@code onetrainer} and {@code
 * ai-toolkit}.
 *
 * @param section the lines
 */
record Sizes(Section section) {

  /**
   * The number that an expression such as {@code 3h+f} or {@code 64} stands for.
   *
   * @throws IllegalStateException if it has a letter that is no size
   */
  long value(String expression) {
    long sum = 0;
    for (String term : expression.split("\\+")) {
      int letter = 0;
      while (letter < term.length() && Character.isDigit(term.charAt(letter))) {
        letter++;
      }
      long times = letter == 0 ? 1 : Long.parseLong(term.substring(0, letter));
      sum += letter == term.length() ? times : times * section.number(term.substring(letter));
    }
    return sum;
  }

  /** The dimensions that a shape such as {@code 3hxh} has; none for {@code scalar}. */
  long[] shape(String text) {
    return text.equals("scalar")
        ? new long[0]
        : Stream.of(text.split("x")).mapToLong(this::value).toArray();
  }

  /** The scheme of its blocks. */
  BlockScheme scheme() {
    return BlockScheme.named(section.text("scheme"));
  }

  /** The groups of modules that models of this architecture may have. */
  List<String> groups() {
    return section.words("groups");
  }

  /** The encoders that files may hold beside it, by their names in the table of encoders. */
  List<String> encoders() {
    return section.words("encoder");
  }

  /** How to tell its variants, in the order in which they are asked. */
  List<VariantRule> variants() {
    return section.all("variant").stream().map(VariantRule::parse).toList();
  }

  /** The layout whose names kohya's trainers and musubi-tuner write; empty for the original. */
  Optional<String> kohyaLayout() {
    return section.find("kohya");
  }

  /**
   * How OneTrainer writes the names of diffusers: {@code flat}, with underscores for dots, or
   * {@code dotted}; empty if that is not known.
   */
  Optional<String> oneTrainer() {
    return section.find("onetrainer");
  }

  /** The layout whose names ai-toolkit writes; empty if that is not known. */
  Optional<String> aiToolkitLayout() {
    return aiToolkit().map(words -> words.get(1));
  }

  /** What ai-toolkit writes before names. */
  String aiToolkitPrefix() {
    return aiToolkit().orElseThrow().getFirst();
  }

  private Optional<List<String>> aiToolkit() {
    return section.find("ai-toolkit").map(line -> List.of(line.split("\\s+")));
  }
}
