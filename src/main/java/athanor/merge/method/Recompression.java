package athanor.merge.method;

import athanor.error.Problem;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.LoraModule;
import athanor.merge.lora.LoraRanks;
import athanor.merge.lora.LosslessType;
import athanor.merge.lora.sum.LoraSum;
import athanor.tensor.DType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The best approximation of the sum at a lower rank, its error stated: see {@link RecompressedSum}.
 *
 * @param limits how far ranks go down
 * @param format the spelling of the result
 */
public record Recompression(RankLimits limits, LoraFormat format) implements LoraMethod {
  private static final MethodParameter<Integer> RANK =
      new MethodParameter<>(
          "rank",
          List.of("--rank", "--new_rank", "--new-rank"),
          "N",
          ParameterType.count(),
          "LoRA + LoRA: the best approximation of this rank; its error is printed.");

  private static final MethodParameter<Integer> CONV_RANK =
      new MethodParameter<>(
          "conv_rank",
          List.of("--conv-rank", "--conv_rank", "--new_conv_rank", "--new-conv-rank"),
          "N",
          ParameterType.count(),
          "As --rank, for convolutions larger than 1x1.");

  private static final MethodParameter<Double> KEEP =
      new MethodParameter<>(
          "keep",
          List.of("--keep"),
          "SHARE",
          ParameterType.share(),
          "LoRA + LoRA: the lowest rank, module by module, that keeps this share of the energy,"
              + " such as 0.999.");

  static final MethodDescription<LoraMethod> DESCRIPTION =
      new MethodDescription<>(
          "svd",
          Set.of(),
          "svd (with --rank or --keep)",
          List.of(RANK, CONV_RANK, KEEP, SharedParameters.FORMAT),
          "the ranks",
          Recompression::check,
          Recompression::of,
          Recompression::toRank);

  private static Recompression of(Settings settings) {
    return new Recompression(
        limits(settings), settings.get(SharedParameters.FORMAT).orElse(LoraFormat.KOHYA));
  }

  private static RankLimits limits(Settings settings) {
    return new RankLimits(
        settings.get(RANK).map(OptionalInt::of).orElse(OptionalInt.empty()),
        settings.get(CONV_RANK).map(OptionalInt::of).orElse(OptionalInt.empty()),
        settings.get(KEEP).map(OptionalDouble::of).orElse(OptionalDouble.empty()));
  }

  /** To one rank everywhere, in kohya's spelling. */
  public static Recompression toRank(int rank) {
    return new Recompression(
        new RankLimits(OptionalInt.of(rank), OptionalInt.empty(), OptionalDouble.empty()),
        LoraFormat.KOHYA);
  }

  private static void check(Settings settings) {
    if (limits(settings).equals(RankLimits.NONE)) {
      throw Problem.usage("method svd needs to know how far to reduce")
          .expected("a rank, or a share of the energy to keep")
          .help("add --rank 32, or --keep 0.999 (in a recipe: rank: 32, or keep: 0.999)")
          .toException();
    }
    if (settings.isOn(SharedParameters.CONCAT)) {
      throw Problem.usage("concat keeps all ranks, rank and keep reduce them")
          .help("leave out one of them")
          .toException();
    }
  }

  @Override
  public MethodDescription<LoraMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Settings settings() {
    return Settings.NONE
        .with(RANK, limits.rank().stream().boxed().findFirst())
        .with(CONV_RANK, limits.convRank().stream().boxed().findFirst())
        .with(KEEP, limits.keep().stream().boxed().findFirst())
        .with(SharedParameters.FORMAT, format);
  }

  @Override
  public String text() {
    var text = new StringBuilder("svd");
    limits.rank().ifPresent(rank -> text.append(" to rank ").append(rank));
    limits.convRank().ifPresent(rank -> text.append(", convolutions to rank ").append(rank));
    limits.keep().ifPresent(share -> text.append(", keeping ").append(share));
    return text.toString();
  }

  @Override
  public boolean needsValues() {
    return limits.keep().isPresent();
  }

  @Override
  public Planned plan(LoraContributions loras) {
    DType dtype = loras.wantedType().orElseGet(() -> LosslessType.ofFactors(loras.loras()));
    LoraSum sum = LoraSum.of(loras.loras(), format);
    var svd = new RecompressedSum(format, dtype, limits, false);
    int[] ranks = svd.ranks(sum, loras.measuring());
    List<LoraModule> modules = svd.of(sum, ranks);
    return new Planned(
        dtype,
        modules,
        new NetworkRanks.OfModules(LoraRanks.of(modules)),
        Optional.of(svd.approximation()));
  }
}
