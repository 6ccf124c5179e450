package athanor.report;

import athanor.job.DeclaredCheck;

/**
 * The base, where some input cannot be read without a token.
 *
 * @param input what is known of it; the verdict says nothing
 */
@LineName(value = "base", when = "as declared")
public record DeclaredBase(@Inline DeclaredInput input) implements Result {
  /** The base of a check from declarations. */
  public static DeclaredBase of(DeclaredCheck check) {
    return new DeclaredBase(DeclaredInput.of(check.base()));
  }
}
