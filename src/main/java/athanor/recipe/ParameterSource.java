package athanor.recipe;

import athanor.merge.method.MethodParameter;
import java.util.Optional;

/** A form in which a merge is written, as a place where values of parameters are found. */
public interface ParameterSource {

  /**
   * A value; empty if it is missing. What is there but no value of the parameter is refused or
   * counts as missing, as the form has it.
   */
  <T> Optional<T> value(MethodParameter<T> parameter);
}
