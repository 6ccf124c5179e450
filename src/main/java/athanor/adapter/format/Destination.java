package athanor.adapter.format;

import athanor.delta.Placement;
import athanor.error.Problem;
import athanor.model.Target;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.Optional;

/**
 * Where the changes of a module go: its target in a checkpoint. Sizes are compared in the 2-D view,
 * so that a linear pair fits a 1×1 convolution and the reverse.
 */
public final class Destination {
  private static final int LONGEST_SIDE = Integer.MAX_VALUE - 8;

  private final String file;
  private final Target target;

  /**
   * A target as the destination of a module.
   *
   * @param file the adapter file, as messages name it
   * @param target the module of the checkpoint
   */
  public Destination(String file, Target target) {
    this.file = file;
    this.target = target;
  }

  /** The shape of the whole weight as modules are trained, {@code [out, in]} or 4-D. */
  public Shape shape() {
    return target.deltaShape();
  }

  /**
   * All of the weight.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a side of it is longer than
   *     arrays are
   */
  public Placement weight() {
    if (Math.max(shape().rows(), shape().columns()) > LONGEST_SIDE) {
      throw Problem.incompatible("a weight is too wide to be changed")
          .at(target.weight().key())
          .found("shape " + target.shape())
          .expected("at most " + LONGEST_SIDE + " rows and columns")
          .toException();
    }
    return new Placement(target.weight(), shape(), target.transposed());
  }

  /**
   * The weight, for a matrix {@code [outputs, inputs]}; its first inputs for a change of the first
   * layer that was made for a model with fewer: 4 channels of an inpainting model's.
   *
   * @param outputs rows of the matrix
   * @param inputs columns, the kernel of a convolution included
   * @param outer the tensor that is named if the outputs differ
   * @param inner the tensor that is named if the inputs differ
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the sizes differ
   */
  public Placement weight(long outputs, long inputs, TensorInfo outer, TensorInfo inner) {
    Shape wanted = shape();
    if (outputs == wanted.rows() && inputs == wanted.columns()) {
      return weight();
    }
    if (outputs == wanted.rows() && isFewerInputChannels(inputs)) {
      long[] first = wanted.dims();
      first[1] = target.plainInputs().orElseThrow();
      return new Placement(target.weight(), Shape.of(first), false);
    }
    boolean outputsDiffer = outputs != wanted.rows();
    String expected =
        outputsDiffer
            ? wanted.rows() + " outputs, as in " + target.weight().key() + " " + target.shape()
            : wanted.columns() + " inputs, as in " + target.weight().key() + " " + target.shape();
    throw misfit(outputsDiffer ? outer : inner, expected).toException();
  }

  private boolean isFewerInputChannels(long columns) {
    Shape wanted = target.shape();
    return target.plainInputs().isPresent()
        && columns == target.plainInputs().getAsLong() * (wanted.columns() / wanted.dim(1));
  }

  /**
   * The bias, for one value an output.
   *
   * @param values the tensor that changes it, whatever its shape
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the target has no bias or one of
   *     another size
   */
  public Placement bias(TensorInfo values) {
    Rows rows =
        target
            .bias()
            .orElseThrow(() ->
                Problem.incompatible("this LoRA changes a bias that the checkpoint has not")
                    .at(file + ", " + values.key())
                    .found("no bias beside " + target.weight().key())
                    .toException());
    if (values.shape().elementCount() != rows.count()) {
      throw misfit(values, "a bias of " + rows.count() + " values in " + rows.key()).toException();
    }
    return new Placement(rows, Shape.of(rows.count()), false);
  }

  /** The bias, for a change of as many values as there are outputs; empty if there is none. */
  public Optional<Placement> bias() {
    return target.bias().map(rows -> new Placement(rows, Shape.of(rows.count()), false));
  }

  /** The problem of a tensor that does not fit here. */
  public Problem misfit(TensorInfo offender, String expected) {
    return Problem.incompatible("this LoRA does not fit the checkpoint")
        .at(file + ", " + offender.key())
        .found("shape " + offender.shape())
        .expected(expected);
  }
}
