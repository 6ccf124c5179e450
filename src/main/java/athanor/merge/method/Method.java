package athanor.merge.method;

/**
 * How contributions become a result: one file for each method, which holds its parameters and what
 * it does with them. Immutable.
 */
public sealed interface Method permits MixMethod, LoraMethod {

  /** Its name, parameters and help. */
  MethodDescription<? extends Method> description();

  /** Its parameters as recipes and metadata note them; none unless a method has some. */
  default Settings settings() {
    return Settings.NONE;
  }

  /** The method with what matters to it, such as {@code svd to rank 32}. */
  default String text() {
    return description().name();
  }
}
