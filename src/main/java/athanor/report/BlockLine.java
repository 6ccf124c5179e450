package athanor.report;

import athanor.merge.plan.BlockFactor;
import athanor.merge.plan.PlannedLora;
import java.util.List;

/**
 * How strongly the modules of a LoRA in one block are applied.
 *
 * @param block its name, such as {@code IN01}
 * @param textEncoder whether these are modules of a text encoder
 * @param factor ratio × weight of the block
 * @param modules number of modules that get it
 * @param leftOut number of modules that a filter leaves out
 */
public record BlockLine(
    String block, boolean textEncoder, double factor, int modules, int leftOut) {

  static List<BlockLine> of(PlannedLora lora) {
    return lora.blockFactors().stream().map(BlockLine::of).toList();
  }

  static BlockLine of(BlockFactor row) {
    return new BlockLine(
        row.block().name(), row.textEncoder(), row.factor(), row.modules(), row.leftOut());
  }
}
