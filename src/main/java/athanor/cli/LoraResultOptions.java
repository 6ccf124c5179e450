package athanor.cli;

import athanor.error.Problem;
import athanor.merge.lora.LoraFormat;
import athanor.merge.method.LoraMergeOptions;
import athanor.merge.method.MergeMethod;
import athanor.merge.method.RankLimits;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of merges without a base, whose result is a LoRA; in kohya's spelling too. */
final class LoraResultOptions {
  @Option(
      names = "--method",
      paramLabel = "M",
      description =
          "LoRA + LoRA: exact (default), svd (with --rank or --keep), or kohya (its historic sum "
              + "of factors, equal ranks only).")
  private @Nullable String method;

  @Option(
      names = {"--rank", "--new_rank", "--new-rank"},
      paramLabel = "N",
      description = "LoRA + LoRA: the best approximation of this rank; its error is printed.")
  private @Nullable Integer rank;

  @Option(
      names = {"--conv-rank", "--conv_rank", "--new_conv_rank", "--new-conv-rank"},
      paramLabel = "N",
      description = "As --rank, for convolutions larger than 1x1.")
  private @Nullable Integer convRank;

  @Option(
      names = "--keep",
      paramLabel = "SHARE",
      description =
          "LoRA + LoRA: the lowest rank, module by module, that keeps this share of the "
              + "energy, such as 0.999.")
  private @Nullable Double keep;

  @Option(
      names = "--concat",
      description = "Accepted for kohya's sake: put factors side by side, as exact does.")
  private boolean concat;

  @Option(
      names = "--shuffle",
      description = "Accepted for kohya's sake; the order of ranks has no effect.")
  private boolean shuffle;

  @Option(
      names = "--format",
      paramLabel = "F",
      description = "Names in a LoRA result: kohya (default) or peft (diffusers).")
  private @Nullable String format;

  /**
   * Returns if none of these options was given that would have to change a merge into a checkpoint.
   *
   * @throws athanor.error.AthanorException of kind USAGE if one was
   */
  void refuseWithBase(Screen screen) {
    if (method != null || rank != null || convRank != null || keep != null || format != null) {
      throw Problem.usage("--method, --rank, --conv-rank, --keep and --format are for LoRA results")
          .found("a base checkpoint, which the LoRAs would be merged into")
          .help("leave out --base to merge the LoRAs into one LoRA")
          .toException();
    }
    if (concat || shuffle) {
      screen.note("--concat and --shuffle are for LoRA results; they change nothing here");
    }
  }

  /**
   * What was asked for.
   *
   * @throws athanor.error.AthanorException of kind USAGE if an option is unknown or out of range,
   *     or two contradict each other
   */
  LoraMergeOptions parse(Screen screen) {
    if (shuffle) {
      screen.note("--shuffle has no effect: the order of ranks does not change the result");
    }
    return LoraMergeOptions.of(chosenMethod(), limits(), concat, chosenFormat());
  }

  private Optional<MergeMethod> chosenMethod() {
    return Optional.ofNullable(method)
        .map(name ->
            MergeMethod.parse(name)
                .orElseThrow(() ->
                    Problem.usage("unknown method")
                        .at("--method")
                        .found("'" + name + "'")
                        .expected("exact, svd or kohya")
                        .toException()));
  }

  private Optional<LoraFormat> chosenFormat() {
    return Optional.ofNullable(format)
        .map(name ->
            LoraFormat.parse(name)
                .orElseThrow(() ->
                    Problem.usage("unknown format of names")
                        .at("--format")
                        .found("'" + name + "'")
                        .expected("kohya or peft")
                        .toException()));
  }

  private RankLimits limits() {
    if (keep != null && !(keep > 0 && keep <= 1)) {
      throw Problem.usage("--keep is not a share")
          .found(keep)
          .expected(LoraMergeOptions.SHARE)
          .toException();
    }
    return new RankLimits(
        checked("--rank", rank),
        checked("--conv-rank", convRank),
        keep == null ? OptionalDouble.empty() : OptionalDouble.of(keep));
  }

  private static OptionalInt checked(String option, @Nullable Integer rank) {
    if (rank != null && rank < 1) {
      throw Problem.usage(option + " must be at least 1").found(rank).toException();
    }
    return Optional.ofNullable(rank).map(OptionalInt::of).orElse(OptionalInt.empty());
  }
}
