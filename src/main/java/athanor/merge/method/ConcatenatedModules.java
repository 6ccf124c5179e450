package athanor.merge.method;

import athanor.delta.LowRankFactors;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.LoraModule;
import athanor.merge.lora.ModuleMemory;
import athanor.merge.lora.sum.FullDifference;
import athanor.merge.lora.sum.LoraSum;
import athanor.merge.lora.sum.ModuleSum;
import athanor.merge.lora.sum.StackedFactors;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import java.util.List;
import java.util.function.Function;

/**
 * Modules that hold the factors of all LoRAs side by side, each with ratio · alpha / rank folded
 * in.
 *
 * @param format the spelling of the result
 * @param dtype the type of its factors
 */
record ConcatenatedModules(LoraFormat format, DType dtype) {

  /**
   * The modules of the result, in the order of the sum.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the format has no place for a
   *     full difference
   */
  List<LoraModule> of(LoraSum sum) {
    return sum.modules().stream().map(this::module).toList();
  }

  private LoraModule module(ModuleSum sum) {
    Shape shape = sum.target().deltaShape();
    int rank = sum.stackedRank();
    long memory = rank == 0 ? 0 : ModuleMemory.stacked(shape.rows(), shape.columns(), rank);
    return module(sum, rank, memory, kernels -> StackedFactors.load(sum, kernels));
  }

  /** A module whose low-rank part is computed elsewhere, in this much heap. */
  LoraModule module(
      ModuleSum sum, int rank, long memory, Function<Kernels, LowRankFactors> factors) {
    String name = format.moduleName(sum.target());
    var full = new FullDifference(sum);
    var stored = full.tensors(name, dtype);
    if (!stored.isEmpty() && !format.hasDifferences()) {
      throw Problem.incompatible("full differences cannot be written as " + format)
          .at(name)
          .found(stored.getFirst().key())
          .expected("low-rank pairs only")
          .help("write kohya's format, which has a place for them: --format kohya")
          .toException();
    }
    if (!sum.isLowRank()) {
      return new LoraModule(name, stored, full::values).needing(full.memory());
    }
    LoraModule pair =
        LoraModule.pair(name, format, sum.target().deltaShape(), rank, rank, dtype, factors)
            .needing(memory);
    return stored.isEmpty() ? pair : pair.and(stored, full::values).needing(memory + full.memory());
  }
}
