package athanor.recipe;

import java.util.Locale;
import java.util.Optional;

/**
 * Where a result is to be published. Immutable.
 *
 * @param repo {@code user/name} on the Hugging Face Hub
 * @param visibility of a repository that has to be created; empty for the default
 * @param createPr whether a pull request is opened instead of a commit
 */
public record PushRequest(String repo, Optional<Visibility> visibility, boolean createPr) {

  /** Who can see a repository. */
  public enum Visibility {
    PRIVATE,
    PUBLIC;

    /** The visibility of this name; empty if there is none. */
    public static Optional<Visibility> parse(String name) {
      return switch (name.toLowerCase(Locale.ROOT)) {
        case "private" -> Optional.of(PRIVATE);
        case "public" -> Optional.of(PUBLIC);
        default -> Optional.empty();
      };
    }

    /** As it is written in a recipe. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
