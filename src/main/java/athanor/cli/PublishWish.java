package athanor.cli;

import athanor.error.Problem;
import athanor.hub.upload.RepoId;
import athanor.hub.upload.UploadItem;
import athanor.hub.upload.UploadRequest;
import athanor.hub.upload.Visibility;
import java.io.IOException;
import java.nio.file.Files;
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
 * @param card a file with the model card, which replaces the one that is there
 * @param withCard whether there is to be a card at all
 */
record PublishWish(
    RepoId repo,
    Visibility visibility,
    boolean createPr,
    String revision,
    Optional<String> message,
    Optional<Path> card,
    boolean withCard) {

  /** The request for files of these names. */
  UploadRequest request(List<String> names) {
    return new UploadRequest(
        repo,
        visibility,
        createPr,
        revision,
        message.orElseGet(() -> "Upload " + String.join(", ", names)),
        cardOfUser().map(UploadItem.Text::text));
  }

  /**
   * The card that the user wrote.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it cannot be read
   */
  Optional<UploadItem.Text> cardOfUser() {
    return card.map(file -> new UploadItem.Text("README.md", read(file), false));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw Problem.badFile("the model card cannot be read as a text in UTF-8")
          .at(file.toString())
          .toException(e);
    }
  }

  /** Words that a command needs to do the same, besides those of the request. */
  List<String> words() {
    List<String> words = new ArrayList<>();
    message.ifPresent(text -> words.addAll(List.of("--message", text)));
    card.ifPresent(file -> words.addAll(List.of("--card", file.toString())));
    if (!withCard) {
      words.add("--no-card");
    }
    return words;
  }
}
