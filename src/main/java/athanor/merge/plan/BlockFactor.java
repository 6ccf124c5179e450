package athanor.merge.plan;

import athanor.model.block.Block;

/**
 * How strongly the modules of a LoRA in one block are applied.
 *
 * @param block the block
 * @param textEncoder whether these are modules of a text encoder
 * @param factor the factor: ratio × block weight
 * @param modules number of modules that get it
 * @param leftOut number of modules that a name filter leaves out
 */
public record BlockFactor(
    Block block, boolean textEncoder, double factor, int modules, int leftOut) {}
