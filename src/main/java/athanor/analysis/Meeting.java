package athanor.analysis;

import athanor.delta.Change;
import athanor.model.Component;
import athanor.model.block.Block;
import java.util.List;

/**
 * A tensor of a checkpoint, and what LoRAs add to it.
 *
 * @param key the tensor
 * @param component what it is part of
 * @param block the block it belongs to
 * @param parts at least one, in the order of the LoRAs
 */
public record Meeting(String key, Component component, Block block, List<Part> parts) {
  /** Copies the list. */
  public Meeting {
    parts = List.copyOf(parts);
  }

  /**
   * What one LoRA adds.
   *
   * @param lora its place among the LoRAs, from 0
   * @param add at full strength: alpha / rank included, the user's ratio not
   * @param ratio what the user's strength gives this module
   */
  public record Part(int lora, Change.Add add, double ratio) {}
}
