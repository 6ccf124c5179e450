/**
 * The vocabulary of state dicts: {@link athanor.tensor.DType}, {@link athanor.tensor.Shape}, {@link
 * athanor.tensor.TensorInfo}, and the two seams between file formats and everything above them: a
 * {@link athanor.tensor.StateDict} that can be read piece by piece, and a {@link
 * athanor.tensor.StateDictLayout} that says where each tensor of an output lies. No arithmetic.
 */
@NullMarked
package athanor.tensor;

import org.jspecify.annotations.NullMarked;
