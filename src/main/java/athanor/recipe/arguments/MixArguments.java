package athanor.recipe.arguments;

import athanor.error.Problem;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.MixRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
              parsed.input(),
              Optional.of(new InputRequest(of(minus, i))),
              parsed.strength()));
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
}
