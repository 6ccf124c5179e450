package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.error.Problem;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.LoraModule;
import athanor.merge.lora.LoraPlan;
import athanor.merge.lora.LosslessType;
import athanor.merge.lora.resize.RankRule;
import athanor.merge.lora.resize.ResizeOptions;
import athanor.merge.lora.sum.LoraSum;
import athanor.merge.lora.sum.ModuleSum;
import athanor.merge.method.LoraContributions;
import athanor.merge.method.LoraMethod;
import athanor.merge.method.PlainPairs;
import athanor.merge.method.RankLimits;
import athanor.merge.plan.PlannedLora;
import athanor.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A resize of what has no pairs, such as LoHa, LoKr or full differences: each module becomes the
 * nearest pair of the wanted rank, with kohya's names.
 *
 * @param file the LoRA
 * @param options what is wanted
 */
record FormatResize(AdapterFile file, ResizeOptions options) {

  /**
   * The planned pairs.
   *
   * @param plan the modules and what becomes of them
   * @param metadata of the result
   */
  record Planned(LoraPlan plan, Map<String, String> metadata) {
    /** What its tensors take in the file. */
    long bytes() {
      return plan.modules().stream().mapToLong(LoraModule::bytes).sum();
    }
  }

  /**
   * Plans the pairs; reads no values.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the ranks would follow from
   *     singular values, which only pairs have at hand, or nothing has a rank; otherwise as {@link
   *     AdditiveLora#of}
   */
  Planned plan(LoraContributions.Measuring measuring) {
    requireRank();
    List<String> notes = new ArrayList<>(file.notes());
    PlannedLora lora = AdditiveLora.of(file, notes);
    AdditiveLora.leftOut(file).ifPresent(notes::add);
    LoraSum sum = LoraSum.of(List.of(lora), LoraFormat.KOHYA);
    if (sum.modules().stream().noneMatch(ModuleSum::hasMatrix)) {
      throw Problem.incompatible("this file has nothing that could be a low-rank pair")
          .at(file.name())
          .found("differences of norms and biases alone")
          .help("use the file as it is")
          .toException();
    }
    DType dtype = options.savePrecision().orElseGet(() -> LosslessType.ofFactors(List.of(lora)));
    LoraMethod.Planned pairs =
        PlainPairs.reduced(sum, limits(), LoraFormat.KOHYA, dtype, measuring);
    notes.add("what had no pairs became pairs, and all modules have kohya's names");
    return new Planned(
        new LoraPlan(pairs.modules(), pairs.approximation().orElseThrow().changes(), notes),
        AdditiveLora.metadata(lora, pairs));
  }

  private void requireRank() {
    if (options.targetBytes().isPresent() || !(options.rule() instanceof RankRule.Fixed)) {
      throw Problem.incompatible("ranks by size or method are for low-rank pairs")
          .at(file.name())
          .found(file.formats().stream().map(format -> format.label()).sorted().toList().toString())
          .help(
              "give --rank alone, or make a LoRA of it first: athanor convert "
                  + file.name()
                  + " --out lora.safetensors --to lora --rank 128")
          .toException();
    }
  }

  private RankLimits limits() {
    return new RankLimits(
        OptionalInt.of(options.rank()), OptionalInt.of(options.convRank()), OptionalDouble.empty());
  }
}
