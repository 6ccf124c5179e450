package athanor.recipe;

import athanor.error.Problem;
import athanor.hub.Link;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A file as a user asks for it, before anything is looked up. Immutable.
 *
 * @param text a path of this computer or a link
 * @param sha256 the hash that it must have, lower-case hexadecimal; empty if any will do
 */
public record InputRequest(String text, Optional<String> sha256) {

  /** A file or link of whatever content. */
  public InputRequest(String text) {
    this(text, Optional.empty());
  }

  /** Whether it is a link. */
  public boolean isLink() {
    return Link.looksLikeLink(text);
  }

  /**
   * The path, if it is no link.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the text cannot be a path here
   */
  public Path path() {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw Problem.usage("this is not a file name (" + e.getReason() + ")").toException(e);
    }
  }

  /** What to call it in messages: a file's name, a link without what may be secret. */
  public String shown() {
    if (isLink()) {
      return RecipeLink.portable(text);
    }
    return Objects.requireNonNullElse(path().getFileName(), path()).toString();
  }

  /** As it may stand in a recipe: a file's name without folder, a link without secrets. */
  public String portable() {
    return isLink() ? RecipeLink.portable(text) : lastComponent(text);
  }

  public static String lastComponent(String path) {
    return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  }

  /** The same file under the condition that it has this hash. */
  public InputRequest withSha256(String hash) {
    return new InputRequest(text, Optional.of(hash));
  }
}
