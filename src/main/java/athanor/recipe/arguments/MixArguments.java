package athanor.recipe.arguments;

import athanor.error.Problem;
import athanor.merge.plan.Numbers;
import athanor.merge.plan.Strength;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.MixRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checkpoints that are combined with the base, as arguments. */
public final class MixArguments {
  private MixArguments() {}

  /**
   * Reads the {@code FILE@RATIO} form, with weights of parts behind it as of a LoRA.
   *
   * @throws athanor.error.AthanorException of kind USAGE as {@link LoraArguments#parse}
   */
  public static MixRequest mixed(String text) {
    LoraRequest parsed = LoraArguments.parse(text);
    return new MixRequest(parsed.input(), Optional.empty(), parsed.strength());
  }

  /**
   * Pairs {@code --add} with {@code --minus} and {@code --ratio}, in their order. One of the latter
   * stands for all; without a ratio it is what stands behind the file, else 1.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the counts do not fit, a ratio is given
   *     twice or is no number
   */
  public static List<MixRequest> differences(
      List<String> add, List<String> minus, List<String> ratios) {
    requireCount("--minus", add.size(), minus.size(), false);
    requireCount("--ratio", add.size(), ratios.size(), true);
    List<MixRequest> differences = new ArrayList<>();
    for (int i = 0; i < add.size(); i++) {
      LoraRequest parsed = LoraArguments.parse(add.get(i));
      if (!ratios.isEmpty()) {
        if (parsed.strength().ratio() != 1) {
          throw Problem.usage("a ratio is given twice for one checkpoint")
              .at(parsed.input().shown())
              .found("behind the file and with --ratio")
              .help("leave out one of them")
              .toException();
        }
        double ratio = LoraArguments.ratio(of(ratios, i), "--ratio");
        parsed = parsed.with(parsed.strength().withRatio(ratio));
      }
      differences.add(
          new MixRequest(
              parsed.input(), Optional.of(new InputRequest(of(minus, i))), parsed.strength()));
    }
    return differences;
  }

  private static String of(List<String> values, int index) {
    return values.get(values.size() == 1 ? 0 : index);
  }

  private static void requireCount(String option, int wanted, int given, boolean mayLack) {
    boolean fits = given == wanted || given == 1 && wanted > 0 || given == 0 && mayLack;
    if (!fits) {
      throw Problem.usage(
              given == 0
                  ? "--add needs --minus: the checkpoint that the difference is taken from"
                  : wanted == 0
                      ? option + " belongs to --add, which is missing"
                      : "the numbers of --add and " + option + " differ")
          .found(wanted + " of --add, " + given + " of " + option)
          .expected(wanted == 0 ? "none" : "one for all, or " + wanted)
          .help("A + 0.8·(B − C): --base A --add B --minus C --ratio 0.8")
          .toException();
    }
  }

  /**
   * The mix with a part of the model taken as a whole from one of the checkpoints, or from another
   * file: {@code A} is the base, {@code B} the first of the mix, and so on.
   *
   * @param part {@code unet}, {@code te} or {@code vae}
   * @param from a letter, a file or a link
   * @throws athanor.error.AthanorException of kind USAGE if there is no checkpoint of this letter
   */
  public static List<MixRequest> withPart(List<MixRequest> mix, String part, String from) {
    String pattern = "@" + part;
    List<MixRequest> others = new ArrayList<>();
    for (MixRequest mixed : mix) {
      others.add(new MixRequest(mixed.model(), mixed.minus(), mixed.strength().skipping(pattern)));
    }
    if (!from.equalsIgnoreCase("A")) {
      others.add(
          new MixRequest(source(mix, part, from), Optional.empty(), Strength.ofOnly(1, pattern)));
    }
    return others;
  }

  /** The file that a letter or a name means. */
  private static InputRequest source(List<MixRequest> mix, String part, String from) {
    if (from.length() != 1 || !Character.isLetter(from.charAt(0))) {
      return new InputRequest(from);
    }
    List<InputRequest> models =
        mix.stream()
            .flatMap(mixed -> Stream.concat(Stream.of(mixed.model()), mixed.minus().stream()))
            .distinct()
            .toList();
    int place = Character.toUpperCase(from.charAt(0)) - 'B';
    if (place >= models.size()) {
      throw Problem.usage("there is no checkpoint " + from + " to take a part from")
          .at("--" + part + "-from")
          .found(from)
          .expected("A for the base, B for the first checkpoint after it, …, or a file")
          .toException();
    }
    return models.get(place);
  }

  /**
   * Checkpoints and ratios as kohya's {@code merge_models.py} has them: the first is the base, and
   * all ratios add up to 1. Without ratios all have the same.
   *
   * @param denoiserOnly whether everything else is that of the first
   * @return the others, with their ratios
   * @throws athanor.error.AthanorException of kind USAGE if the counts differ, or the ratios do not
   *     add up to 1
   */
  public static List<MixRequest> ofKohya(
      List<String> models, List<Double> ratios, boolean denoiserOnly) {
    if (models.size() < 2) {
      throw Problem.usage("--models and --output mix checkpoints, as kohya's merge_models.py does")
          .found(models.size() + " of --models")
          .expected("at least 2")
          .help("LoRAs are merged with --save_to in place of --output")
          .toException();
    }
    if (!ratios.isEmpty() && ratios.size() != models.size()) {
      throw Problem.usage("the numbers of --models and --ratios differ")
          .found(models.size() + " models, " + ratios.size() + " ratios")
          .expected("a ratio for each model")
          .toException();
    }
    double sum = ratios.stream().mapToDouble(Double::doubleValue).sum();
    if (!ratios.isEmpty() && Math.abs(sum - 1) > 1e-6) {
      throw Problem.usage("the ratios of mixed checkpoints add up to 1; other sums scale the model")
          .at("--ratios")
          .found(ratios + ", together " + Numbers.text(sum))
          .expected("1")
          .help(
              sum == 0
                  ? "1 divided by the number of models, for example"
                  : "--ratios "
                      + ratios.stream()
                          .map(ratio -> String.format(Locale.ROOT, "%.6g", ratio / sum))
                          .collect(Collectors.joining(" ")))
          .toException();
    }
    List<MixRequest> mix = new ArrayList<>();
    for (int i = 1; i < models.size(); i++) {
      double ratio = ratios.isEmpty() ? 1.0 / models.size() : ratios.get(i);
      mix.add(
          new MixRequest(
              new InputRequest(models.get(i)),
              Optional.empty(),
              denoiserOnly ? Strength.ofOnly(ratio, "@unet") : Strength.of(ratio)));
    }
    return mix;
  }
}
