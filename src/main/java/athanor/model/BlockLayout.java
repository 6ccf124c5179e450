package athanor.model;

import static athanor.model.Block.BASE;
import static athanor.model.Block.IN00;
import static athanor.model.Block.IN01;
import static athanor.model.Block.IN02;
import static athanor.model.Block.IN04;
import static athanor.model.Block.IN05;
import static athanor.model.Block.IN07;
import static athanor.model.Block.IN08;
import static athanor.model.Block.MID;
import static athanor.model.Block.OUT00;
import static athanor.model.Block.OUT03;
import static athanor.model.Block.OUT05;
import static athanor.model.Block.OUT08;
import static athanor.model.Block.OUT11;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which blocks a list of block weights names; its length tells. */
public enum BlockLayout {
  /** The blocks of SDXL that have attention: 12 weights. */
  SDXL_LORA(
      "SDXL LoRA", slots(List.of(BASE, IN04, IN05, IN07, IN08, MID), EnumSet.range(OUT00, OUT05))),
  /** The blocks of SD 1.x and SD 2.x that have attention: 17 weights. */
  SD_LORA(
      "SD 1.x LoRA",
      slots(List.of(BASE, IN01, IN02, IN04, IN05, IN07, IN08, MID), EnumSet.range(OUT03, OUT11))),
  /** All blocks of SDXL: 20 weights. */
  SDXL_FULL(
      "SDXL, all blocks",
      slots(
          slots(List.of(BASE), EnumSet.range(IN00, IN08)),
          List.of(MID),
          EnumSet.range(OUT00, OUT08))),
  /** All blocks of SD 1.x and SD 2.x: 26 weights. */
  SD_FULL("SD 1.x, all blocks", slots(EnumSet.allOf(Block.class), List.of()));

  private final String label;
  private final List<Block> blocks;

  BlockLayout(String label, List<Block> blocks) {
    this.label = label;
    this.blocks = blocks;
  }

  /** The layout that has this many weights; empty when none has. */
  public static Optional<BlockLayout> ofLength(int length) {
    return Stream.of(values()).filter(layout -> layout.length() == length).findFirst();
  }

  /** The legal lengths, ascending: 12, 17, 20, 26. */
  public static List<Integer> lengths() {
    return Stream.of(values()).map(BlockLayout::length).toList();
  }

  /** What to call it in a sentence. */
  public String label() {
    return label;
  }

  /** The blocks in the order of the weights. */
  public List<Block> blocks() {
    return blocks;
  }

  /** Number of weights. */
  public int length() {
    return blocks.size();
  }

  private static List<Block> slots(Iterable<Block> first, Iterable<Block> second) {
    return slots(first, second, List.of());
  }

  private static List<Block> slots(
      Iterable<Block> first, Iterable<Block> second, Iterable<Block> third) {
    var all = new ArrayList<Block>();
    first.forEach(all::add);
    second.forEach(all::add);
    third.forEach(all::add);
    return List.copyOf(all);
  }
}
