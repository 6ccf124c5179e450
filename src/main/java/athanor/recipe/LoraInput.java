package athanor.recipe;

import athanor.error.Problem;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A LoRA and how strongly to apply it.
 *
 * @param file the LoRA file
 * @param ratio any finite number; 1 is full strength, negative subtracts
 * @param weights how strongly its parts are applied
 */
public record LoraInput(Path file, double ratio, LoraWeights weights) {

  /** A LoRA whose parts all have its ratio. */
  public LoraInput(Path file, double ratio) {
    this(file, ratio, LoraWeights.NONE);
  }

  /** Whether neither the ratio nor that of the text encoders lets it change anything. */
  public boolean isZero() {
    return ratio == 0 && weights.textEncoderRatio().orElse(0.0) == 0;
  }

  /** This LoRA with other weights of its parts. */
  public LoraInput withWeights(LoraWeights other) {
    return new LoraInput(file, ratio, other);
  }

  /** The last component of the path. */
  public String name() {
    return Objects.requireNonNullElse(file.getFileName(), file).toString();
  }

  /**
   * Reads the {@code FILE@RATIO} form; without a ratio it is 1. Only what follows the last
   * {@code @} and is a number counts, so file names may contain the sign. Weights of parts may
   * follow: {@code FILE@RATIO,te=0.3,lbw=OUTALL,only=attn1,skip=to_v}, where {@code lbw} also takes
   * numbers between commas or colons, and {@code only} and {@code skip} take several patterns.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the ratio is not finite, the file name
   *     is empty or a weight is malformed
   */
  public static LoraInput parse(String text) {
    LoraArgument argument = LoraArgument.of(text);
    return parseFile(argument.file()).withWeights(argument.weights());
  }

  private static LoraInput parseFile(String text) {
    int at = text.lastIndexOf('@');
    String tail = text.substring(at + 1);
    if (at < 0 || !looksNumeric(tail)) {
      return new LoraInput(pathOf(text), 1);
    }
    if (at == 0) {
      throw Problem.usage("a ratio without a file name")
          .at(text)
          .expected("FILE@RATIO, for example pixel.safetensors@0.6")
          .toException();
    }
    return new LoraInput(pathOf(text.substring(0, at)), parseRatio(tail, text));
  }

  private static Path pathOf(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw Problem.usage("this is not a file name (" + e.getReason() + ")").toException(e);
    }
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
  public static double parseRatio(String text, String place) {
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
    if (text.contains(",")) {
      problem = problem.help("write the decimal sign as a point: " + text.replace(',', '.'));
    }
    throw problem.toException();
  }

  /**
   * Pairs kohya's {@code --models} with its {@code --ratios}.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the counts differ; the message says
   *     both
   */
  public static List<LoraInput> pair(List<Path> models, List<Double> ratios) {
    if (!ratios.isEmpty() && models.size() != ratios.size()) {
      throw Problem.usage("every LoRA needs one ratio: the numbers of --models and --ratios differ")
          .found(count(models.size(), "model") + " and " + count(ratios.size(), "ratio"))
          .expected("as many ratios as models, in the same order")
          .help(
              models.size() > ratios.size()
                  ? "add " + (models.size() - ratios.size()) + " to --ratios (1 is full strength)"
                  : "remove "
                      + (ratios.size() - models.size())
                      + " from --ratios, or add the missing models")
          .toException();
    }
    List<LoraInput> inputs = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      inputs.add(new LoraInput(models.get(i), ratios.isEmpty() ? 1 : ratios.get(i)));
    }
    return inputs;
  }

  /**
   * Pairs kohya's {@code --models} with its {@code --ratios}; a model may carry weights of its
   * parts, as in {@link #parse}.
   *
   * @throws athanor.error.AthanorException of kind USAGE as {@link #pair}, or if a weight is
   *     malformed
   */
  public static List<LoraInput> pairArguments(List<String> models, List<Double> ratios) {
    List<LoraArgument> arguments = models.stream().map(LoraArgument::of).toList();
    List<LoraInput> plain =
        pair(arguments.stream().map(argument -> pathOf(argument.file())).toList(), ratios);
    List<LoraInput> inputs = new ArrayList<>();
    for (int i = 0; i < plain.size(); i++) {
      inputs.add(plain.get(i).withWeights(arguments.get(i).weights()));
    }
    return inputs;
  }

  private static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
