package athanor.job.publish;

import athanor.card.CardOptions;
import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.hub.Hub;
import athanor.hub.upload.Publication;
import athanor.hub.upload.UploadItem;
import athanor.hub.upload.UploadPermission;
import athanor.hub.upload.UploadRequest;
import athanor.hub.upload.Uploads;
import athanor.job.CommandLineText;
import athanor.net.FileHash;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.util.List;
import java.util.Optional;

/**
 * Publishing a result in two steps: {@link #permit} before the long work, {@link #push} after it.
 * What goes along with the models, such as a card, is a list of items too. Thread-safe.
 *
 * @param uploads the way to the Hub, see {@link Hub#uploads}
 * @param progress told of the advance
 * @param cancellation ends it; a later run goes on where it stopped
 */
public record Publishing(Uploads uploads, Progress progress, Cancellation cancellation) {

  /**
   * Finds out whether the upload may be done; sends nothing.
   *
   * @throws AthanorException as {@link Uploads#permit}
   */
  public UploadPermission permit(UploadRequest request) {
    return uploads.permit(request, cancellation);
  }

  /**
   * A file with its hash, which is computed if it is not known.
   *
   * @throws AthanorException of kind BAD_FILE if it cannot be read, of kind CANCELLED
   */
  public UploadItem.LocalFile hashed(UploadItem.LocalFile item) {
    if (item.sha256().isPresent()) {
      return item;
    }
    try (InputFile file = InputFile.open(item.file())) {
      progress.begin("hashing " + file.name(), file.size(), 0);
      String sha256 = FileHash.sha256(file, progress, cancellation);
      return new UploadItem.LocalFile(item.file(), item.path(), Optional.of(sha256));
    } finally {
      progress.end();
    }
  }

  /**
   * The model card that goes along with a file; see {@link CardText}. One that is in the repository
   * already stays as it is.
   *
   * @param license identifier of the licence; empty to take what the inputs agree on
   * @param update whether what a card that is there lacks is added to it
   * @throws AthanorException as {@link CardText#of} and {@link Uploads#card}; of kind BAD_FILE if
   *     the Hub does not accept it
   */
  public UploadItem.Text card(
      UploadItem.LocalFile item,
      UploadPermission permission,
      Optional<String> license,
      boolean update) {
    Optional<String> existing = update ? uploads.card(permission, cancellation) : Optional.empty();
    var options = new CardOptions(Optional.of(permission.repo()), license);
    String text = CardText.of(item.file(), options, existing, item.sha256(), progress);
    uploads.requireCard(text, permission, cancellation);
    return new UploadItem.Text(Uploads.CARD, text, !update);
  }

  /**
   * What {@link #push} would do.
   *
   * @throws AthanorException as {@link Uploads#plan}
   */
  public Publication plan(UploadPermission permission, List<UploadItem> items) {
    return uploads.plan(permission, items, progress, cancellation);
  }

  /**
   * Publishes.
   *
   * @param items models and texts
   * @param options further words of the command that would do it again, such as {@code --card FILE}
   * @throws AthanorException as {@link Uploads#publish}; the help says that the files are intact
   *     and names the one command that goes on
   */
  public Publication push(
      UploadPermission permission, List<UploadItem> items, List<String> options) {
    try {
      return uploads.publish(permission, items, progress, cancellation);
    } catch (AthanorException e) {
      Problem problem = e.problem();
      if (problem.kind() == Kind.CANCELLED || problem.kind() == Kind.BAD_FILE) {
        throw e;
      }
      String command = CommandLineText.push(items, permission.request(), options);
      throw problem.help(advice(problem, items) + command).toException(e);
    }
  }

  private static String advice(Problem problem, List<UploadItem> items) {
    long files = items.stream().filter(item -> item instanceof UploadItem.LocalFile).count();
    String before = problem.help().map(help -> help + "\n").orElse("");
    return before
        + (files == 1 ? "your file is" : "your files are")
        + " intact; what was sent is kept; to go on: ";
  }
}
