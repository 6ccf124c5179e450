package athanor.model;

import athanor.model.block.Block;
import athanor.model.naming.Dialect;
import athanor.model.naming.ModuleNames;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;

/**
 * What a LoRA module changes in a checkpoint: a weight or some of its rows, and the bias that
 * belongs to it. Two targets are equal if they are the same rows of the same tensor.
 *
 * @param weight the rows of the weight, in the order in which the module counts its outputs
 * @param shape of these rows as the checkpoint stores them, {@code [rows, columns, …]}
 * @param transposed whether the checkpoint stores {@code [in, out]} where a LoRA's update is {@code
 *     [out, in]}: the text projection of OpenCLIP
 * @param bias the matching part of the bias; empty when the module has none
 * @param component what it is part of
 * @param block the block that block weights address it by: a slot of its architecture's scheme
 * @param names the module's names, with the component in front
 * @param plainInputs input channels that the plain models of the architecture have here, where this
 *     one has more, as inpainting models do: a LoRA made for those changes the first channels
 */
public record Target(
    Rows weight,
    Shape shape,
    boolean transposed,
    Optional<Rows> bias,
    Component component,
    Block block,
    ModuleNames names,
    OptionalLong plainInputs) {

  /** A target whose inputs are those of the plain models. */
  public Target(
      Rows weight,
      Shape shape,
      boolean transposed,
      Optional<Rows> bias,
      Component component,
      Block block,
      ModuleNames names) {
    this(weight, shape, transposed, bias, component, block, names, OptionalLong.empty());
  }

  /**
   * A target with the names of both dialects that LoRAs are written in.
   *
   * @param kohyaName as {@link #kohyaName}
   * @param diffusersName as {@link #diffusersName}
   */
  public Target(
      Rows weight,
      Shape shape,
      boolean transposed,
      Optional<Rows> bias,
      Component component,
      Block block,
      String kohyaName,
      String diffusersName) {
    this(
        weight,
        shape,
        transposed,
        bias,
        component,
        block,
        ModuleNames.NONE.and(Dialect.KOHYA, kohyaName).and(Dialect.DIFFUSERS, diffusersName));
  }

  /** This target with {@link #plainInputs}. */
  public Target withPlainInputs(long channels) {
    return new Target(
        weight, shape, transposed, bias, component, block, names, OptionalLong.of(channels));
  }

  /** This target in a file that spells its keys otherwise. */
  public Target respelled(UnaryOperator<String> stored) {
    return new Target(
        respelled(weight, stored),
        shape,
        transposed,
        bias.map(rows -> respelled(rows, stored)),
        component,
        block,
        names,
        plainInputs);
  }

  private static Rows respelled(Rows rows, UnaryOperator<String> stored) {
    return new Rows(stored.apply(rows.key()), rows.runs(), rows.tensorRows());
  }

  /** The module name that kohya's trainers write for this architecture, or a stand-in. */
  public String kohyaName() {
    return names.orStandIn(Dialect.KOHYA);
  }

  /** The module name of diffusers and PEFT, dotted, with the component in front, or a stand-in. */
  public String diffusersName() {
    return names.orStandIn(Dialect.DIFFUSERS);
  }

  /** The shape of an update, {@code [out, in, …]}: {@link #shape}, turned over if transposed. */
  public Shape deltaShape() {
    return transposed ? Shape.of(shape.dim(1), shape.dim(0)) : shape;
  }

  /** Whether the weights of the two have a row in common. */
  public boolean overlaps(Target other) {
    return weight.overlaps(other.weight);
  }

  /**
   * Whether every row of {@code part} is one of this target's: a module that stands for one part of
   * a fused weight beside the module of the whole. An update of the whole is an update of the part
   * restricted to {@code part.weight()}.
   */
  public boolean contains(Target part) {
    return weight.intersect(part.weight).count() == part.weight.count()
        && weight.key().equals(part.weight.key());
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
