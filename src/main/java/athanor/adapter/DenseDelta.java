package athanor.adapter;

import athanor.kernel.Kernels;
import athanor.model.Target;
import athanor.tensor.Rows;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;

/**
 * A difference stored in full: ΔW = scale · values.
 *
 * @param source the file that holds the values
 * @param module the module, as the file spells it
 * @param target the module of the checkpoint that receives it
 * @param region the changed rows, of its weight or of its bias
 * @param columns changed columns
 * @param scale a factor, 1 for {@code diff} and norms
 * @param values the difference, {@code [rows, columns]} when flattened
 */
public record DenseDelta(
    StateDict source,
    String module,
    Target target,
    Rows region,
    long columns,
    double scale,
    TensorInfo values)
    implements Delta {

  /**
   * Reads the difference into a float32 array.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it cannot be read or holds NaN or
   *     infinite values
   */
  public float[] load(Kernels kernels) {
    float[] difference = loadAsTrained(kernels);
    if (!target.transposed() || !region.equals(target.weight())) {
      return difference;
    }
    long outputs = columns;
    long inputs = region.count();
    return Transposed.of(difference, outputs, inputs);
  }

  /**
   * Reads the difference as the LoRA file has it, {@code [out, in]}, however the checkpoint stores
   * the weight.
   *
   * @throws athanor.error.AthanorException as {@link #load}
   */
  public float[] loadAsTrained(Kernels kernels) {
    return TensorValues.read(source, values, kernels);
  }
}
