package athanor.adapter.format;

import athanor.delta.Change;
import athanor.error.Problem;
import java.util.List;
import java.util.Optional;

/** A format that alters what the other formats of a module do, such as a magnitude of its sum. */
public non-sealed interface WrappingFormat extends AdapterFormat {
  /** What is wrong with its tensors in themselves, as {@link MergingFormat#problem}. */
  Optional<Problem> problem(ModuleTensors module);

  /**
   * Why a module that has nothing of this format cannot be what its trainer made; empty where
   * nothing tells.
   *
   * @param other the tensors of another format of the module
   * @param format that other format
   */
  default Optional<Problem> absence(ModuleTensors other, AdapterFormat format) {
    return Optional.empty();
  }

  /**
   * What the module does in the end.
   *
   * @param module this format's tensors
   * @param destination the weight and bias that it changes
   * @param inner what the module's other formats do at full strength, biases included; those that
   *     are not altered must be in the result too
   * @throws athanor.error.AthanorException as {@link MergingFormat#changes}
   */
  List<Change> wrap(ModuleTensors module, Destination destination, List<Change> inner);
}
