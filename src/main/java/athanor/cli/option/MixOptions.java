package athanor.cli.option;

import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.recipe.MixRequest;
import athanor.recipe.arguments.MixArguments;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Checkpoints that are combined with the base. */
@InGroup(OptionGroup.MIX)
public final class MixOptions {
  @Option(
      names = "--mix",
      paramLabel = "FILE@RATIO",
      description = {
        "A checkpoint to mix into the base, which gets the rest: of --base A --mix B@0.4 the result"
            + " is 0.6 A + 0.4 B. Can be given several times; weights of parts as of a LoRA."
      })
  private List<String> mixed = new ArrayList<>();

  @Option(
      names = "--add",
      paramLabel = "FILE",
      description = "Add a difference, A + M (B - C): --base A --add B --minus C --ratio M.")
  private List<String> add = new ArrayList<>();

  @Option(
      names = "--minus",
      paramLabel = "FILE",
      description = "What --add differs from; one for all, or one for each.")
  private List<String> minus = new ArrayList<>();

  @Option(
      names = {"--ratio", "--multiplier"},
      paramLabel = "M",
      description = "How strongly --add; default 1.")
  private List<String> ratios = new ArrayList<>();

  /**
   * The checkpoints: those that are mixed in, then the differences.
   *
   * @throws athanor.error.AthanorException of kind USAGE if they cannot be understood
   */
  List<MixRequest> mix() {
    List<MixRequest> all = new ArrayList<>(mixed.stream().map(MixArguments::mixed).toList());
    all.addAll(MixArguments.differences(add, minus, ratios));
    return all;
  }
}
