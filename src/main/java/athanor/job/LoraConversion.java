package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.file.OutputTarget;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.LosslessType;
import athanor.merge.lora.sum.LoraSum;
import athanor.merge.lora.writing.LoraWriter;
import athanor.merge.method.LoraContributions;
import athanor.merge.method.LoraMethod;
import athanor.merge.method.PlainPairs;
import athanor.merge.method.RankLimits;
import athanor.merge.plan.PlannedLora;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The conversion of a LoRA of any additive format, such as LoHa or LoKr, into plain low-rank pairs.
 *
 * @param source the open file
 * @param options what is wanted; its limits are there
 * @param measuring with what values are measured
 */
record LoraConversion(
    StateDict source, ConvertOptions options, LoraContributions.Measuring measuring) {
  /**
   * Writes the pairs.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a module has no place in the
   *     architecture or changes weights in a way that depends on them; otherwise as {@link
   *     PlainPairs#of} and {@link LoraWriter#write}
   */
  ConvertRun.Counts write(OutputTarget target, List<String> warnings) {
    PlannedLora lora = AdditiveLora.of(AdapterFile.of(source), warnings);
    LoraMethod.Planned pairs = pairs(lora, limits());
    List<String> others = lora.match().file().otherKeys();
    AdditiveLora.leftOut(lora.match().file()).ifPresent(warnings::add);
    LoraWriter.Written written =
        new LoraWriter(
                measuring.kernels(),
                measuring.threads(),
                measuring.progress(),
                measuring.cancellation())
            .write(
                target,
                pairs.modules(),
                options.keepMetadata() ? AdditiveLora.metadata(lora, pairs) : Map.of(),
                source.files(),
                options.allowNonFinite());
    int tensors = pairs.modules().stream().mapToInt(module -> module.tensors().size()).sum();
    return new ConvertRun.Counts(
        written.bytes(), tensors, tensors, others.size(), pairs.approximation());
  }

  /**
   * Judges the file by its structure alone; reads no values.
   *
   * @return about the bytes that the result takes
   * @throws athanor.error.AthanorException as {@link #write}, as far as the structure tells
   */
  long judge() {
    PlannedLora lora = AdditiveLora.of(AdapterFile.of(source), new ArrayList<>());
    if (limits().keep().isPresent()) {
      LoraSum.of(List.of(lora), format());
      return source.tensors().stream().mapToLong(TensorInfo::byteSize).sum();
    }
    return pairs(lora, limits()).modules().stream().mapToLong(module -> module.bytes()).sum();
  }

  private LoraFormat format() {
    return options.format().orElse(LoraFormat.KOHYA);
  }

  private RankLimits limits() {
    return options.asLora().orElseThrow();
  }

  private LoraMethod.Planned pairs(PlannedLora lora, RankLimits limits) {
    DType dtype = options.savePrecision().orElseGet(() -> LosslessType.ofFactors(List.of(lora)));
    return PlainPairs.of(LoraSum.of(List.of(lora), format()), limits, format(), dtype, measuring);
  }
}
