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
import athanor.tensor.TensorInfo;
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

  /** A module whose low-rank part, if it has one, is computed elsewhere, in this much heap. */
  LoraModule module(
      ModuleSum sum, int rank, long memory, Function<Kernels, LowRankFactors> factors) {
    if (sum.isLowRank()) {
      return pair(sum, rank, memory, factors);
    }
    var full = new FullDifference(sum);
    return new LoraModule(name(sum), stored(sum, full), full::values).needing(full.memory());
  }

  /** A module whose weight becomes a pair that is computed elsewhere, whatever the sum is. */
  LoraModule pair(ModuleSum sum, int rank, long memory, Function<Kernels, LowRankFactors> factors) {
    ModuleSum biases = sum.onlyBiases();
    var full = new FullDifference(biases);
    List<TensorInfo> stored = stored(biases, full);
    Shape shape = sum.target().deltaShape();
    LoraModule pair =
        LoraModule.pair(name(sum), format, shape, rank, rank, dtype, factors).needing(memory);
    return stored.isEmpty() ? pair : pair.and(stored, full::values).needing(memory + full.memory());
  }

  private String name(ModuleSum sum) {
    return format.moduleName(sum.target());
  }

  private List<TensorInfo> stored(ModuleSum sum, FullDifference full) {
    List<TensorInfo> stored = full.tensors(name(sum), dtype);
    if (!stored.isEmpty() && !format.hasDifferences()) {
      throw Problem.incompatible("full differences cannot be written as " + format)
          .at(name(sum))
          .found(stored.getFirst().key())
          .expected("low-rank pairs only")
          .help("write kohya's format, which has a place for them: --format kohya")
          .toException();
    }
    return stored;
  }
}
