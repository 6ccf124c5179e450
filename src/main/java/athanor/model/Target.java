package athanor.model;

import athanor.tensor.Rows;
import athanor.tensor.Shape;
import java.util.Optional;

/**
 * What a LoRA module changes in a checkpoint: a weight or some of its rows, and the bias that
 * belongs to it. Two targets are equal if they are the same rows of the same tensor.
 *
 * @param weight the rows of the weight
 * @param shape of these rows as the checkpoint stores them, {@code [rows, columns, …]}
 * @param transposed whether the checkpoint stores {@code [in, out]} where a LoRA's update is {@code
 *     [out, in]}: the text projection of OpenCLIP
 * @param bias the matching part of the bias; empty when the module has none
 * @param component what it is part of
 * @param block the slot of block weights that rules it
 * @param kohyaName the module name that kohya's trainers write for this architecture
 * @param diffusersName the module name of diffusers and PEFT, dotted, with the component in front
 */
public record Target(
    Rows weight,
    Shape shape,
    boolean transposed,
    Optional<Rows> bias,
    Component component,
    Block block,
    String kohyaName,
    String diffusersName) {

  /** The shape of an update, {@code [out, in, …]}: {@link #shape}, turned over if transposed. */
  public Shape deltaShape() {
    return transposed ? Shape.of(shape.dim(1), shape.dim(0)) : shape;
  }

  /** Whether the weights of the two have a row in common. */
  public boolean overlaps(Target other) {
    return weight.overlaps(other.weight);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Target that && weight.equals(that.weight);
  }

  @Override
  public int hashCode() {
    return weight.hashCode();
  }

  /** The weight's key, and its rows unless they are all. */
  @Override
  public String toString() {
    return weight.toString();
  }
}
