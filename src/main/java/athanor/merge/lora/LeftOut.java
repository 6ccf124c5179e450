package athanor.merge.lora;

/**
 * Weights that differ between two checkpoints and that a LoRA extracted from them does not hold.
 *
 * @param what a phrase in the plural: {@code biases}
 * @param tensors how many
 * @param example the first of them, with what is odd about it
 * @param squaredNorm ‖difference‖² of all of them, where there is one; 0 for tensors that one side
 *     lacks or that are no weights
 */
public record LeftOut(String what, int tensors, String example, double squaredNorm) {
  /** {@code biases: 12 (KEY, …)}. */
  @Override
  public String toString() {
    return what + ": " + tensors + " (" + example + (tensors > 1 ? ", …" : "") + ")";
  }
}
