package athanor.job.publish;

import athanor.error.Problem;
import athanor.hub.upload.UploadItem;
import athanor.hub.upload.Uploads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Which model card is published along with a file. */
public sealed interface CardChoice {
  /** None. */
  record None() implements CardChoice {}

  /**
   * One that the user wrote; it replaces the one that is there.
   *
   * @param file where it is
   */
  record Own(Path file) implements CardChoice {
    /**
     * The card.
     *
     * @throws athanor.error.AthanorException of kind BAD_FILE if it cannot be read
     */
    public UploadItem.Text text() {
      try {
        return new UploadItem.Text(Uploads.CARD, Files.readString(file), false);
      } catch (IOException e) {
        throw Problem.badFile("the model card cannot be read as a text in UTF-8")
            .at(file.toString())
            .toException(e);
      }
    }
  }

  /**
   * One that is made from what the file says of itself.
   *
   * @param license identifier of the licence; empty to take what the inputs agree on
   * @param update whether what a card that is there lacks is added to it
   */
  record Made(Optional<String> license, boolean update) implements CardChoice {}
}
