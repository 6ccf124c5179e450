package athanor.job.publish;

import athanor.hub.upload.RepoId;
import athanor.hub.upload.UploadRequest;
import athanor.hub.upload.Visibility;
import athanor.recipe.PushRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where files are to be published, and how.
 *
 * @param repo the repository
 * @param visibility who may see it
 * @param createPr whether as a pull request
 * @param revision the branch
 * @param message of the commit; empty for one that names the files
 * @param card which model card goes along
 */
public record PublishSettings(
    RepoId repo,
    Visibility visibility,
    boolean createPr,
    String revision,
    Optional<String> message,
    CardChoice card) {

  /** What a recipe asks for. */
  public static PublishSettings of(PushRequest push) {
    return new PublishSettings(
        push.repo(),
        push.visibility(),
        push.createPr(),
        UploadRequest.MAIN,
        Optional.empty(),
        new CardChoice.Made(Optional.empty(), false));
  }

  /**
   * The request for files of these names.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the user's model card cannot be read
   */
  public UploadRequest request(List<String> names) {
    return new UploadRequest(
        repo,
        visibility,
        createPr,
        revision,
        message.orElseGet(() -> "Upload " + String.join(", ", names)),
        card instanceof CardChoice.Own own ? Optional.of(own.text().text()) : Optional.empty());
  }

  /** Words that a command needs to do the same, besides those of the request. */
  public List<String> words() {
    List<String> words = new ArrayList<>();
    message.ifPresent(text -> words.addAll(List.of("--message", text)));
    switch (card) {
      case CardChoice.None _ -> words.add("--no-card");
      case CardChoice.Own(Path file) -> words.addAll(List.of("--card", file.toString()));
      case CardChoice.Made(Optional<String> license, boolean update) -> {
        license.ifPresent(id -> words.addAll(List.of("--license", id)));
        if (update) {
          words.add("--update-card");
        }
      }
    }
    return words;
  }
}
