package athanor.recipe.arguments;

import athanor.error.Problem;
import athanor.hub.Link;
import athanor.merge.plan.Strength;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** LoRAs and their ratios as arguments, in this program's spelling and in kohya's. */
public final class LoraArguments {
  private static final String RATIOS = "--ratios";
  private static final Pattern PLAIN =
      Pattern.compile("[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?");
  private static final int SHOWN = 8;
  private static final String EMPTY_LINE =
      "if they were given: after a backslash, an empty line ends the command, and the rest of it"
          + " is lost";

  private LoraArguments() {}

  /**
   * Reads the {@code FILE@RATIO} form; without a ratio it is 1. Only what follows the last
   * {@code @} and is a number counts, so file names may contain the sign; {@link LinkArgument} says
   * where links end. Weights of parts may follow: {@code
   * FILE@RATIO,te=0.3,lbw=OUTALL,only=attn1,skip=to_v}, where {@code lbw} also takes numbers
   * between commas or colons, and {@code only} and {@code skip} take several patterns.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the ratio is not finite or spelled as
   *     in other programs, the file name is empty or a weight is malformed
   */
  public static LoraRequest parse(String text) {
    RatioSpelling.of(text)
        .ifPresent(other -> {
          throw other.refusal().toException();
        });
    Optional<LinkArgument> link = LinkArgument.of(text);
    if (link.isPresent()) {
      return ofLink(link.get());
    }
    LoraArgument argument = LoraArgument.of(text);
    LoraRequest bare = parseFile(argument.file());
    return bare.with(argument.strength().withRatio(bare.strength().ratio()));
  }

  /**
   * Reads arguments as they are typed and pasted: as {@link #parse}, but a ratio in another
   * program's spelling is understood where it can mean nothing else, also as an argument of its own
   * behind a file. A file that is called like an argument is taken as it is.
   *
   * @param notes receives what was understood
   * @throws athanor.error.AthanorException as {@link #parse}; of kind USAGE if an argument is known
   *     to mean something else than a file, with the right spelling
   */
  public static List<LoraRequest> parseTyped(List<String> arguments, Consumer<String> notes) {
    List<LoraRequest> loras = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String text = arguments.get(i);
      boolean hasNumberBehind =
          i + 1 < arguments.size()
              && RatioSpelling.isRatio(arguments.get(i + 1))
              && !isFile(arguments.get(i + 1));
      if (hasNumberBehind && RatioSpelling.isComplete(text.strip().replaceFirst("@$", ""))) {
        i++;
        text = RatioSpelling.joined(text, arguments.get(i));
      }
      loras.add(typed(text, notes));
    }
    return loras;
  }

  private static LoraRequest typed(String text, Consumer<String> notes) {
    if (isFile(text)) {
      return text.indexOf('@') < 0 && text.indexOf(',') < 0 ? file(text, 1) : parse(text);
    }
    if (RatioSpelling.isNumber(text)) {
      throw Problem.usage("a number stands where a LoRA is expected")
          .at(text)
          .expected("FILE@RATIO, for example pixel.safetensors@0.6")
          .help("write each ratio behind its file, with @ between them")
          .toException();
    }
    Optional<RatioSpelling> other = RatioSpelling.of(text);
    if (!Link.looksLikeLink(text)) {
      RatioSpelling.otherThanAFile(text)
          .or(() -> other.isEmpty() ? RatioSpelling.missing(text) : Optional.empty())
          .ifPresent(problem -> {
            throw problem.toException();
          });
    }
    other.ifPresent(spelling -> notes.accept(spelling.note()));
    return parse(other.map(RatioSpelling::argument).orElse(text));
  }

  private static boolean isFile(String text) {
    try {
      return Files.exists(Path.of(text));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static LoraRequest ofLink(LinkArgument argument) {
    var input = new InputRequest(argument.link());
    double ratio = argument.ratio().map(text -> ratio(text, input.shown())).orElse(1.0);
    Strength parts = LoraArgument.strengthBehind(argument.weights(), input.shown());
    return new LoraRequest(input, parts.withRatio(ratio));
  }

  private static LoraRequest parseFile(String text) {
    int at = text.lastIndexOf('@');
    String tail = text.substring(at + 1);
    if (at < 0 || !looksNumeric(tail)) {
      return file(text, 1);
    }
    if (at == 0) {
      throw Problem.usage("a ratio without a file name")
          .at(text)
          .expected("FILE@RATIO, for example pixel.safetensors@0.6")
          .toException();
    }
    return file(text.substring(0, at), ratio(tail, text));
  }

  private static LoraRequest file(String text, double ratio) {
    return new LoraRequest(new InputRequest(text).path().toString(), ratio);
  }

  private static boolean looksNumeric(String text) {
    return !text.isEmpty() && "+-.0123456789".indexOf(text.charAt(0)) >= 0 && !hasExtension(text);
  }

  /** {@code me@2.safetensors} names a file; {@code me.safetensors@2.5} does not end in letters. */
  private static boolean hasExtension(String text) {
    int dot = text.lastIndexOf('.');
    return dot >= 0 && dot + 1 < text.length() && Character.isLetter(text.charAt(dot + 1));
  }

  /**
   * Reads a ratio.
   *
   * @param text the number, with a decimal point
   * @param place the argument it stands in, for messages
   * @throws athanor.error.AthanorException of kind USAGE if it is not a finite number
   */
  public static double ratio(String text, String place) {
    try {
      double ratio = Double.parseDouble(text.strip());
      if (Double.isFinite(ratio)) {
        return ratio;
      }
    } catch (NumberFormatException e) {
      // Reported below, together with infinities.
    }
    Problem problem =
        Problem.usage("the ratio is not a number")
            .at(place)
            .found("'" + text + "'")
            .expected("a number such as 0.6");
    throw RatioSpelling.number(text)
        .map(number ->
            problem.help(
                text.contains(",") && !text.contains("%")
                    ? "write the decimal sign as a point: " + number
                    : "write " + number))
        .orElse(
            text.contains(",")
                ? problem.help("write numbers with a point, and blanks between several")
                : problem)
        .toException();
  }

  /**
   * Reads the words behind kohya's {@code --ratios}. Commas between several numbers, a decimal
   * comma and percent are understood.
   *
   * @param notes receives what was understood
   * @throws athanor.error.AthanorException of kind USAGE if a word is no number
   */
  public static List<Double> ratios(List<String> words, Consumer<String> notes) {
    List<Double> ratios = new ArrayList<>();
    for (String word : words) {
      List<String> numbers = numbers(word);
      if (numbers.size() > 1 || !numbers.getFirst().equals(word.strip())) {
        notes.accept(RATIOS + ": '" + word + "' is taken as " + String.join(" ", numbers));
      }
      numbers.forEach(number -> ratios.add(ratio(number, RATIOS)));
    }
    return ratios;
  }

  /** The numbers of a word: one, or several between commas; the word itself if unclear. */
  private static List<String> numbers(String word) {
    String bare = word.strip().replaceFirst(",$", "");
    if (PLAIN.matcher(bare).matches()) {
      return List.of(bare);
    }
    boolean isList = bare.indexOf(',') != bare.lastIndexOf(',') || bare.contains(".");
    if (isList && bare.contains(",")) {
      List<String> parts = Stream.of(bare.split(",", -1)).map(String::strip).toList();
      return parts.stream().allMatch(part -> PLAIN.matcher(part).matches())
          ? parts
          : List.of(word.strip());
    }
    return List.of(RatioSpelling.number(bare).orElse(word.strip()));
  }

  /**
   * Pairs kohya's {@code --models} with its {@code --ratios}; a model may carry weights of its
   * parts, and a link its ratio if there are no {@code --ratios}, as in {@link #parse}.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the counts differ, the message says
   *     both; if a model has a ratio of its own as well; if a weight is malformed
   */
  public static List<LoraRequest> pair(List<String> models, List<Double> ratios) {
    boolean ownRatios =
        ratios.isEmpty() && models.stream().allMatch(LoraArguments::isLinkWithRatio);
    if (!ownRatios && models.size() != ratios.size()) {
      throw otherCount(models, ratios.size()).toException();
    }
    List<LoraRequest> loras = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      Optional<Double> ratio = ratios.isEmpty() ? Optional.empty() : Optional.of(ratios.get(i));
      loras.add(model(models.get(i), ratio));
    }
    return loras;
  }

  private static boolean isLinkWithRatio(String model) {
    return LinkArgument.of(model).flatMap(LinkArgument::ratio).isPresent();
  }

  private static LoraRequest model(String text, Optional<Double> ratio) {
    if (!isFile(text)) {
      RatioSpelling.behind(text)
          .filter(own -> ratio.isPresent())
          .ifPresent(own -> {
            throw twice(new InputRequest(own.head()), own.found(), ratio.get()).toException();
          });
    }
    Optional<LinkArgument> link = LinkArgument.of(text);
    if (link.isEmpty()) {
      LoraArgument argument = LoraArgument.of(text);
      return file(argument.file(), 1).with(argument.strength().withRatio(ratio.orElse(1.0)));
    }
    LoraRequest lora = ofLink(link.get());
    if (ratio.isEmpty()) {
      return lora;
    }
    if (link.get().ratio().isPresent()) {
      throw twice(lora.input(), "@" + link.get().ratio().get(), ratio.get()).toException();
    }
    return lora.with(lora.strength().withRatio(ratio.get()));
  }

  private static Problem twice(InputRequest lora, String behind, double ratio) {
    return Problem.usage("a ratio is given twice for one LoRA")
        .at(lora.shown())
        .found(behind + " behind it and " + ratio + " in --ratios")
        .expected("one ratio for each LoRA")
        .help("leave out " + behind + ", or --ratios");
  }

  private static Problem otherCount(List<String> models, int ratios) {
    Problem problem =
        Problem.usage("every LoRA needs one ratio: the numbers of --models and --ratios differ")
            .found(count(models.size(), "model") + " and " + count(ratios, "ratio"))
            .expected("as many ratios as models, in the same order");
    if (ratios == 0) {
      return problem.help(withRatios(models) + "\n" + EMPTY_LINE);
    }
    int more = models.size() - ratios;
    return problem.help(
        more > 0
            ? "add " + more + " to --ratios (1 is full strength)"
            : "remove " + -more + " from --ratios, or add the missing models");
  }

  private static String withRatios(List<String> models) {
    List<Optional<RatioSpelling>> own = models.stream().map(RatioSpelling::behind).toList();
    boolean isSpelled = own.stream().allMatch(Optional::isPresent);
    return "add --ratios "
        + own.stream()
            .map(spelling -> spelling.map(RatioSpelling::ratio).orElse("1"))
            .limit(SHOWN)
            .collect(Collectors.joining(" "))
        + (models.size() > SHOWN ? " …" : "")
        + (isSpelled ? ", and only the files behind --models" : " (1 is full strength)");
  }

  private static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
