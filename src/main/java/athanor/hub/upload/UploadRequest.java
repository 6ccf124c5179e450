package athanor.hub.upload;

import athanor.error.Problem;
import java.util.Optional;

/**
 * Where something is to be published, and how.
 *
 * @param repo the repository
 * @param visibility who may see it
 * @param createPr whether to propose the change in a pull request instead of making it
 * @param revision the branch
 * @param message the first line of the commit
 * @param card the text of the README.md that will go along, to be validated before anything else
 */
public record UploadRequest(
    RepoId repo,
    Visibility visibility,
    boolean createPr,
    String revision,
    String message,
    Optional<String> card) {

  /** The branch of the Hub when nobody names one. */
  public static final String MAIN = "main";

  /**
   * Checks what can be checked without asking anyone.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the branch or the message is unusable
   */
  public UploadRequest {
    boolean soundBranch = revision.matches("[\\w.-]+(?:/[\\w.-]+)*") && !revision.contains("..");
    if (!soundBranch || revision.matches("[0-9a-f]{40}")) {
      throw Problem.usage("not the name of a branch").found("'" + revision + "'").toException();
    }
    if (message.isBlank()) {
      throw Problem.usage("the message of the commit is empty").toException();
    }
  }

  /** A private upload to the branch {@code main}. */
  public static UploadRequest to(RepoId repo, String message) {
    return new UploadRequest(repo, Visibility.AS_IS, false, MAIN, message, Optional.empty());
  }
}
