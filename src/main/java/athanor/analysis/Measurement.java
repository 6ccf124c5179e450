package athanor.analysis;

import athanor.model.Component;
import athanor.model.block.Block;
import java.util.List;
import java.util.Optional;

/**
 * What was computed of a {@link Meeting}.
 *
 * @param key the tensor
 * @param component what it is part of
 * @param block the block it belongs to
 * @param parts each of what meets, in the order of the meeting
 * @param products inner products ⟨ΔWᵢ, ΔWⱼ⟩ over all elements, {@code [parts, parts]}, symmetric;
 *     the user's ratios not included
 * @param overlaps of each two parts of different LoRAs that have factors of the same weight
 */
@SuppressWarnings("ArrayRecordComponent")
public record Measurement(
    String key,
    Component component,
    Block block,
    List<Part> parts,
    double[][] products,
    List<Overlap> overlaps) {
  /** Copies the lists. */
  public Measurement {
    parts = List.copyOf(parts);
    overlaps = List.copyOf(overlaps);
  }

  /**
   * One of what meets.
   *
   * @param lora its place among the LoRAs, from 0
   * @param ratio what the user's strength gives it
   * @param spectrum of factors; empty where there are none
   */
  public record Part(int lora, double ratio, Optional<Spectrum> spectrum) {}

  /** Whether a LoRA adds to this tensor. */
  boolean has(int lora) {
    return parts.stream().anyMatch(part -> part.lora() == lora);
  }

  /** Whether a part changes nothing, whatever its ratio. */
  public boolean isDead(int part) {
    return products[part][part] == 0;
  }
}
