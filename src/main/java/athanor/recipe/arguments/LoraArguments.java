package athanor.recipe.arguments;

import athanor.error.Problem;
import athanor.merge.plan.Strength;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** LoRAs and their ratios as arguments, in this program's spelling and in kohya's. */
public final class LoraArguments {
  private LoraArguments() {}

  /**
   * Reads the {@code FILE@RATIO} form; without a ratio it is 1. Only what follows the last
   * {@code @} and is a number counts, so file names may contain the sign; {@link LinkArgument} says
   * where links end. Weights of parts may follow: {@code
   * FILE@RATIO,te=0.3,lbw=OUTALL,only=attn1,skip=to_v}, where {@code lbw} also takes numbers
   * between commas or colons, and {@code only} and {@code skip} take several patterns.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the ratio is not finite, the file name
   *     is empty or a weight is malformed
   */
  public static LoraRequest parse(String text) {
    Optional<LinkArgument> link = LinkArgument.of(text);
    if (link.isPresent()) {
      return ofLink(link.get());
    }
    LoraArgument argument = LoraArgument.of(text);
    LoraRequest bare = parseFile(argument.file());
    return bare.with(argument.strength().withRatio(bare.strength().ratio()));
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
    if (text.contains(",")) {
      problem = problem.help("write the decimal sign as a point: " + text.replace(',', '.'));
    }
    throw problem.toException();
  }

  /**
   * Pairs kohya's {@code --models} with its {@code --ratios}; a model may carry weights of its
   * parts, and a link its ratio if there are no {@code --ratios}, as in {@link #parse}.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the counts differ, the message says
   *     both; if a link has a ratio of its own as well; if a weight is malformed
   */
  public static List<LoraRequest> pair(List<String> models, List<Double> ratios) {
    if (!ratios.isEmpty() && models.size() != ratios.size()) {
      throw otherCount(models.size(), ratios.size()).toException();
    }
    List<LoraRequest> loras = new ArrayList<>();
    for (int i = 0; i < models.size(); i++) {
      Optional<Double> ratio = ratios.isEmpty() ? Optional.empty() : Optional.of(ratios.get(i));
      loras.add(model(models.get(i), ratio));
    }
    return loras;
  }

  private static LoraRequest model(String text, Optional<Double> ratio) {
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
      throw Problem.usage("a ratio is given twice for one LoRA")
          .at(lora.input().shown())
          .found("@" + link.get().ratio().get() + " behind it and " + ratio.get() + " in --ratios")
          .expected("one ratio for each LoRA")
          .help("leave out @" + link.get().ratio().get() + ", or --ratios")
          .toException();
    }
    return lora.with(lora.strength().withRatio(ratio.get()));
  }

  private static Problem otherCount(int models, int ratios) {
    return Problem.usage("every LoRA needs one ratio: the numbers of --models and --ratios differ")
        .found(count(models, "model") + " and " + count(ratios, "ratio"))
        .expected("as many ratios as models, in the same order")
        .help(
            models > ratios
                ? "add " + (models - ratios) + " to --ratios (1 is full strength)"
                : "remove " + (ratios - models) + " from --ratios, or add the missing models");
  }

  private static String count(int number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
