package athanor.adapter.format;

import athanor.delta.Change;
import athanor.error.Problem;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A format that can be merged. */
public non-sealed interface MergingFormat extends AdapterFormat {
  /**
   * What is wrong with a module in itself, whatever checkpoint it meets: parts that are missing or
   * do not fit each other, ranks of 0, types that are no numbers. Reads no values.
   */
  Optional<Problem> problem(ModuleTensors module);

  /**
   * Whether a module is sound and empty, as factors of rank 0 are: it is left out. Such a module
   * has a {@linkplain #problem problem} all the same.
   */
  default boolean changesNothing(ModuleTensors module) {
    return false;
  }

  /**
   * Whether the values of a module leave every weight as it is: a factor of zeros, or a difference
   * of zeros. Asked of sound modules only; false where it takes more than a look at single tensors.
   */
  default boolean isIdle(ModuleTensors module, ZeroParts zeros) {
    return false;
  }

  /**
   * The size of the weight that a module changes, as far as it tells; evidence for the architecture
   * of a file, so it must hold for broken modules too.
   */
  ModuleSize size(ModuleTensors module);

  /** The rank by which alpha is divided; empty for formats and modules without one. */
  OptionalLong rank(ModuleTensors module);

  /**
   * What a module does to its target at full strength.
   *
   * @param module without a {@linkplain #problem problem}
   * @param destination the weight and bias that it changes
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if it does not fit the target, of
   *     kind BAD_FILE if an alpha or other single value cannot be used
   */
  List<Change> changes(ModuleTensors module, Destination destination);
}
