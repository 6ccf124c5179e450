package athanor.merge.lora;

import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.merge.PlannedLora;
import athanor.merge.method.LoraMergeOptions;
import athanor.merge.method.MergeMethod;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.model.Architecture;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.DType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a merge of LoRAs into one LoRA will write.
 *
 * @param architecture the architecture of all inputs
 * @param loras the inputs, in order
 * @param options the method
 * @param dtype the type of the factors
 * @param modules the modules, whose values are computed while they are written
 * @param network the metadata that describe the network
 * @param approximation the error, once the modules have been written; empty if there is none
 */
public record LoraMergePlan(
    Architecture architecture,
    List<PlannedLora> loras,
    LoraMergeOptions options,
    DType dtype,
    List<LoraModule> modules,
    Map<String, String> network,
    Optional<Approximation> approximation) {

  /** Copies the lists. */
  public LoraMergePlan {
    loras = List.copyOf(loras);
    modules = List.copyOf(modules);
  }

  /** With what ranks are measured, if they depend on the values. */
  public record Measuring(
      Kernels kernels, int threads, Progress progress, Cancellation cancellation) {}

  /**
   * Plans a merge of LoRAs that fit the same architecture.
   *
   * @param architecture their architecture
   * @param loras the LoRAs
   * @param options the method
   * @param common the precision of {@link MergeMethod#KOHYA} and the stored type; without one the
   *     type is the widest of the inputs', and float32 for {@link MergeMethod#KOHYA}, which has
   *     always written that
   * @param measuring used only if a share of energy is to be kept
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the method cannot merge them
   */
  public static LoraMergePlan of(
      Architecture architecture,
      List<PlannedLora> loras,
      LoraMergeOptions options,
      MergeOptions common,
      Measuring measuring) {
    Optional<DType> wanted = common.savePrecision().map(Precision::dtype);
    DType dtype = wanted.orElseGet(() -> Widest.ofFactors(loras));
    var metadata = new MergedLoraMetadata(architecture, loras);
    return switch (options.method()) {
      case EXACT -> {
        List<LoraModule> modules = new Concatenation(options.format(), dtype).of(LoraSum.of(loras));
        yield new LoraMergePlan(
            architecture,
            loras,
            options,
            dtype,
            modules,
            metadata.network(LoraRanks.of(modules)),
            Optional.empty());
      }
      case SVD -> {
        LoraSum sum = LoraSum.of(loras);
        var svd = new Recompression(options.format(), dtype, options.limits());
        int[] ranks =
            svd.ranks(
                sum,
                measuring.kernels(),
                measuring.threads(),
                measuring.progress(),
                measuring.cancellation());
        List<LoraModule> modules = svd.of(sum, ranks);
        yield new LoraMergePlan(
            architecture,
            loras,
            options,
            dtype,
            modules,
            metadata.network(LoraRanks.of(modules)),
            Optional.of(svd.approximation()));
      }
      case KOHYA -> {
        if (options.format() != LoraFormat.KOHYA) {
          throw Problem.usage("kohya's method writes kohya's format only")
              .at("--format " + options.format())
              .toException();
        }
        DType historic = wanted.orElse(common.precision().dtype());
        HistoricSum sum =
            HistoricSum.of(loras, options.concatenate(), common.precision(), historic);
        yield new LoraMergePlan(
            architecture,
            loras,
            options,
            historic,
            sum.modules(),
            metadata.network(sum.rankText(), sum.alphaText()),
            Optional.empty());
      }
    };
  }
}
