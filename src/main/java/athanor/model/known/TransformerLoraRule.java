package athanor.model.known;

import athanor.model.LoraModules.Module;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What only LoRAs of one transformer architecture have: a line of the table {@code lora-rules.txt}.
 *
 * @param architecture the id of that architecture
 * @param conditions all of which one module meets
 */
record TransformerLoraRule(String architecture, List<Predicate<Module>> conditions) {
  private static final Pattern DIGITS = Pattern.compile("\\d{1,4}");

  static TransformerLoraRule parse(String line) {
    String[] words = line.split("\\s+");
    return new TransformerLoraRule(
        words[0], Stream.of(words).skip(1).map(TransformerLoraRule::condition).toList());
  }

  private static Predicate<Module> condition(String word) {
    int colon = word.indexOf(':');
    String text = word.substring(colon + 1);
    return switch (word.substring(0, colon)) {
      case "starts" -> module -> module.name().startsWith(text);
      case "has" -> module -> module.name().contains(text);
      case "ends" -> module -> module.name().endsWith(text);
      case "written" -> module -> module.written().startsWith(text);
      case "from" -> module -> firstNumber(module.name()) >= Integer.parseInt(text);
      case "in" -> {
        List<Long> sizes = Stream.of(text.split(",")).map(Long::valueOf).toList();
        yield module -> sizes.contains(module.in());
      }
      case "out" -> {
        long times = Long.parseLong(text.substring(0, text.length() - 1));
        yield module -> module.in() > 0 && module.out() == times * module.in();
      }
      default -> throw new IllegalStateException("unknown condition: " + word);
    };
  }

  /** The first number in a name; -1 if it has none. */
  private static int firstNumber(String name) {
    Matcher digits = DIGITS.matcher(name);
    return digits.find() ? Integer.parseInt(digits.group()) : -1;
  }

  /** Whether a module shows it. */
  boolean test(Module module) {
    return conditions.stream().allMatch(condition -> condition.test(module));
  }
}
