package athanor.recipe.arguments;

import athanor.error.NearestNames;
import athanor.error.Problem;
import athanor.merge.plan.BlockList;
import athanor.merge.plan.Strength;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A LoRA argument, taken apart: {@code FILE@RATIO,te=0.3,lbw=OUTALL,only=attn1,attn2}. What follows
 * a comma and is no {@code name=} belongs to the list before it.
 *
 * @param file the part before the weights, {@code FILE@RATIO}
 * @param strength the weights, with a ratio of 1
 */
record LoraArgument(String file, Strength strength) {
  private static final List<String> NAMES = List.of("te", "lbw", "only", "skip");
  private static final Pattern OPTION = Pattern.compile(",\\s*(\\w+)\\s*=");
  private static final Pattern NAMED = Pattern.compile("\\s*(\\w+)\\s*=(.*)", Pattern.DOTALL);

  /** A file name with its extension, or with a ratio: what follows can only be weights. */
  private static final Pattern COMPLETE =
      Pattern.compile(
          ".*(\\.(safetensors|sft|ckpt|pt|pth|bin|json)|@[-+.\\d][^/\\\\]*)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /**
   * Takes an argument apart. The weights begin at the first {@code ,name=} whose name is known or
   * that follows an extension or a ratio, so file names may contain commas.
   *
   * @throws athanor.error.AthanorException of kind USAGE if a weight is unknown, given twice, empty
   *     or malformed
   */
  static LoraArgument of(String text) {
    Matcher option = OPTION.matcher(text);
    while (option.find()) {
      String head = text.substring(0, option.start());
      if (NAMES.contains(option.group(1)) || COMPLETE.matcher(head).matches()) {
        return new LoraArgument(head, weights(text.substring(option.start() + 1), text));
      }
    }
    return new LoraArgument(text, Strength.FULL);
  }

  /**
   * Reads what follows a link.
   *
   * @param tail empty, or weights with a comma before them
   * @param place what to call the argument in messages
   * @throws athanor.error.AthanorException as {@link #of}
   */
  static Strength strengthBehind(String tail, String place) {
    return tail.isEmpty() ? Strength.FULL : weights(tail.substring(1), place);
  }

  private static Strength weights(String tail, String place) {
    Map<String, List<String>> options = options(tail, place);
    return new Strength(
        1,
        single(options, "te").map(te -> LoraArguments.ratio(te, place)),
        single(options, "lbw").map(lbw -> BlockList.parse(lbw, BlockList.PROMPT, place)),
        options.getOrDefault("only", List.of()),
        options.getOrDefault("skip", List.of()));
  }

  private static Optional<String> single(Map<String, List<String>> options, String name) {
    return Optional.ofNullable(options.get(name)).map(values -> String.join(",", values));
  }

  private static Map<String, List<String>> options(String tail, String place) {
    Map<String, List<String>> options = new LinkedHashMap<>();
    List<String> current = new ArrayList<>();
    for (String part : tail.split(",", -1)) {
      Matcher named = NAMED.matcher(part);
      String value = part;
      if (named.matches()) {
        String name = named.group(1);
        value = named.group(2);
        current = values(name, options, place);
      }
      if (value.isBlank()) {
        throw Problem.usage("a weight is empty")
            .at(place)
            .expected("te=0.3, lbw=OUTALL, only=PATTERN or skip=PATTERN")
            .toException();
      }
      current.add(value.strip());
    }
    return options;
  }

  private static List<String> values(String name, Map<String, List<String>> options, String place) {
    if (!NAMES.contains(name)) {
      throw unknown(name, place).toException();
    }
    boolean single = name.equals("te") || name.equals("lbw");
    if (single && options.containsKey(name)) {
      throw Problem.usage(name + "= is given twice")
          .at(place)
          .expected("one value for a LoRA")
          .toException();
    }
    return options.computeIfAbsent(name, key -> new ArrayList<>());
  }

  private static Problem unknown(String name, String place) {
    Problem problem =
        Problem.usage("there is no weight of this name")
            .at(place)
            .found(name + "=")
            .expected("te=, lbw=, only= or skip=");
    List<String> near = NearestNames.of(name, NAMES);
    return near.isEmpty()
        ? problem
        : problem.help("did you mean " + String.join("= or ", near) + "=?");
  }
}
