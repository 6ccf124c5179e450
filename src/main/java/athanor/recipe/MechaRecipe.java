package athanor.recipe;

import athanor.error.Problem;
import athanor.merge.method.mix.MixMethods;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Strength;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a recipe of sd-mecha ({@code .mecha}, format 0.1.0): a line for each step, each of which
 * may refer to earlier ones by {@code &} and their number. What it makes has to be a sum of models
 * whose coefficients add up to 1, in however many steps: that is one weighted sum.
 */
public final class MechaRecipe {
  private static final Pattern TOKEN =
      Pattern.compile("(?:([a-z_]+)=)?(\"(?:[^\"\\\\]|\\\\.)*\"|[^\\s\"]+)");
  private static final double USUAL_ALPHA = 0.5;
  private static final double TOLERANCE = 1e-6;

  /** The coefficients of models, by their paths. */
  private record Sum(Map<String, Double> terms) {
    static Sum of(String model) {
      return new Sum(Map.of(model, 1.0));
    }

    Sum plus(Sum other, double own, double factor) {
      Map<String, Double> all = new LinkedHashMap<>();
      terms.forEach((model, share) -> all.merge(model, own * share, Double::sum));
      other.terms.forEach((model, share) -> all.merge(model, factor * share, Double::sum));
      return new Sum(all);
    }
  }

  private record Arguments(List<String> positional, Map<String, String> named) {
    Optional<String> get(int place, String name) {
      return place < positional.size()
          ? Optional.of(positional.get(place))
          : Optional.ofNullable(named.get(name));
    }
  }

  private final String file;
  private final List<Optional<Sum>> results = new ArrayList<>();

  private MechaRecipe(String file) {
    this.file = file;
  }

  /**
   * Reads a recipe.
   *
   * @param text of the file
   * @param file its name, for messages
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is no such recipe; of kind
   *     INCOMPATIBLE if a step is no weighted sum, naming the line
   */
  public static MergeRequest read(String text, String file) {
    return new MechaRecipe(file).request(text.lines().toList());
  }

  private MergeRequest request(List<String> lines) {
    if (lines.isEmpty() || !lines.getFirst().strip().equals("version 0.1.0")) {
      throw Problem.badFile("this is no recipe of sd-mecha that can be read")
          .at(file)
          .found(lines.isEmpty() ? "nothing" : lines.getFirst())
          .expected("version 0.1.0")
          .toException();
    }
    for (int i = 1; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        results.add(step(line, i + 1));
      }
    }
    return request(
        Optional.of(results)
            .filter(all -> !all.isEmpty())
            .flatMap(List::getLast)
            .orElseThrow(() -> unknown("no merge", lines.size()).toException()));
  }

  private MergeRequest request(Sum sum) {
    double all = sum.terms().values().stream().mapToDouble(Double::doubleValue).sum();
    if (Math.abs(all - 1) > TOLERANCE || sum.terms().size() < 2) {
      throw Problem.incompatible("what this recipe makes is no mix of checkpoints")
          .at(file)
          .found("coefficients " + sum.terms())
          .expected("at least two models whose coefficients add up to 1")
          .toException();
    }
    List<Map.Entry<String, Double>> terms = new ArrayList<>(sum.terms().entrySet());
    List<MixRequest> mix =
        terms.stream()
            .skip(1)
            .map(term ->
                new MixRequest(
                    input(term.getKey()), Optional.empty(), Strength.of(term.getValue())))
            .toList();
    return new MergeRequest(
        Optional.of(input(terms.getFirst().getKey())),
        mix,
        List.of(),
        Optional.empty(),
        false,
        MergeOptions.defaults(),
        MixMethods.LIST.standard(),
        false);
  }

  private static InputRequest input(String path) {
    return new InputRequest(InputRequest.lastComponent(path));
  }

  private Optional<Sum> step(String line, int number) {
    List<String> words = new ArrayList<>();
    Map<String, String> named = new LinkedHashMap<>();
    Matcher token = TOKEN.matcher(line);
    while (token.find()) {
      if (token.group(1) == null) {
        words.add(token.group(2));
      } else {
        named.put(token.group(1), token.group(2));
      }
    }
    String command = words.isEmpty() ? line : words.getFirst();
    boolean merges = command.equals("merge") && words.size() > 1;
    var arguments =
        new Arguments(words.subList(Math.min(words.size(), merges ? 2 : 1), words.size()), named);
    return switch (command) {
      case "model" ->
          Optional.of(
              Sum.of(
                  arguments
                      .get(0, "path")
                      .map(MechaRecipe::unquoted)
                      .orElseThrow(() -> unknown(line, number).toException())));
      case "dict", "literal" -> Optional.empty();
      case "merge" -> Optional.of(merged(unquoted(words.get(1)), arguments, line, number));
      default -> throw unknown(line, number).toException();
    };
  }

  private Sum merged(String method, Arguments arguments, String line, int number) {
    Sum a = sum(arguments.get(0, "a"), line, number);
    return switch (method) {
      case "weighted_sum" -> {
        double alpha = share(arguments, USUAL_ALPHA, line, number);
        yield a.plus(sum(arguments.get(1, "b"), line, number), 1 - alpha, alpha);
      }
      case "add_difference" ->
          a.plus(sum(arguments.get(1, "b"), line, number), 1, share(arguments, 1, line, number));
      case "subtract" -> a.plus(sum(arguments.get(1, "b"), line, number), 1, -1);
      case "n_average" -> {
        int count = arguments.positional().size();
        Sum sum = new Sum(Map.of());
        for (int i = 0; i < count; i++) {
          sum = sum.plus(sum(arguments.get(i, ""), line, number), 1, 1.0 / count);
        }
        yield sum;
      }
      default -> throw unknown(line, number).toException();
    };
  }

  private static String unquoted(String token) {
    return token.startsWith("\"")
        ? token.substring(1, token.length() - 1).replaceAll("\\\\(.)", "$1")
        : token;
  }

  /** What an argument refers to, or a model that it names. */
  private Sum sum(Optional<String> argument, String line, int number) {
    Optional<Sum> found =
        argument.flatMap(
            text -> text.startsWith("\"") ? Optional.of(Sum.of(unquoted(text))) : reference(text));
    return found.orElseThrow(() -> unknown(line, number).toException());
  }

  private Optional<Sum> reference(String text) {
    if (!text.matches("&\\d{1,6}")) {
      return Optional.empty();
    }
    int index = Integer.parseInt(text.substring(1));
    return index < results.size() ? results.get(index) : Optional.empty();
  }

  private double share(Arguments arguments, double usual, String line, int number) {
    Optional<String> given = arguments.get(2, "alpha");
    if (given.isEmpty()) {
      return usual;
    }
    try {
      double share = Double.parseDouble(given.get());
      if (Double.isFinite(share)) {
        return share;
      }
    } catch (NumberFormatException e) {
      // A reference to numbers for each block: refused below.
    }
    throw unknown(line, number).toException();
  }

  private Problem unknown(String line, int number) {
    return Problem.incompatible("a step of this recipe is not one that can be done here")
        .at(file + ", line " + number)
        .found(line)
        .expected("model, and merge by weighted_sum, add_difference, subtract or n_average")
        .help("write the merge as a recipe by hand: docs/recipes.md");
  }
}
