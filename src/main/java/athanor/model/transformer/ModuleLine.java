package athanor.model.transformer;

import athanor.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A module, or the same in every block: a line {@code NAME SHAPE [bias] [scale|bare] [of:GROUP]
 * [wider] [in:FIRST..LAST]}.
 *
 * @param pattern its name in the original layout, with N for the number of a block
 * @param shape of its weight
 * @param bias whether it has a bias, as long as the weight has rows
 * @param ending what the key of its weight has behind the name: {@code .weight}, {@code .scale} or
 *     nothing
 * @param group the modules that a model has all of or none; empty for those that every model has
 * @param wider whether some models have more inputs, behind these
 * @param first the first block that has it
 * @param last the last that may have it
 */
record ModuleLine(
    String pattern,
    Shape shape,
    boolean bias,
    String ending,
    Optional<String> group,
    boolean wider,
    int first,
    int last) {

  static ModuleLine parse(String pattern, String text, Sizes sizes) {
    List<String> words = List.of(text.split("\\s+"));
    Optional<String> range = argument(words, "in:");
    int dots = range.map(numbers -> numbers.indexOf("..")).orElse(0);
    return new ModuleLine(
        pattern,
        Shape.of(sizes.shape(words.getFirst())),
        words.contains("bias"),
        words.contains("bare") ? "" : words.contains("scale") ? ".scale" : ".weight",
        argument(words, "of:"),
        words.contains("wider"),
        range.map(numbers -> Integer.parseInt(numbers.substring(0, dots))).orElse(0),
        range
            .map(numbers -> Integer.parseInt(numbers.substring(dots + 2)))
            .orElse(Integer.MAX_VALUE));
  }

  private static Optional<String> argument(List<String> words, String name) {
    return words.stream()
        .filter(word -> word.startsWith(name))
        .map(word -> word.substring(name.length()))
        .findFirst();
  }

  /**
   * The names that it stands for in a model with so many blocks, by what their names begin with.
   */
  List<String> names(Map<String, Integer> counts) {
    if (!NumberedNames.isNumbered(pattern)) {
      return List.of(pattern);
    }
    int count = counts.getOrDefault(NumberedNames.start(pattern), 0);
    var names = new ArrayList<String>();
    IntStream.range(first, Math.min(count, last == Integer.MAX_VALUE ? count : last + 1))
        .forEach(number -> names.add(NumberedNames.numbered(pattern, number)));
    return names;
  }

  /** Whether it is this module of a block. */
  boolean covers(int number) {
    return number >= first && number <= last;
  }
}
