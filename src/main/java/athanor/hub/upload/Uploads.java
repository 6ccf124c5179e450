package athanor.hub.upload;

import athanor.hub.HubSettings;
import athanor.net.Credential;
import athanor.net.Http;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The way of files to the Hugging Face Hub, in two steps that may be an hour apart. Thread-safe;
 * two uploads of the same file to the same repository wait for each other.
 *
 * <pre>{@code
 * UploadPermission permission = uploads.permit(request, cancellation);      // asks, sends nothing
 * …
 * Publication done = uploads.publish(permission, items, progress, cancellation);
 * }</pre>
 */
public final class Uploads {
  /** The path of a model card in its repository. */
  public static final String CARD = "README.md";

  private final HubSettings settings;
  private final Http http;
  private final Optional<Credential> credential;

  /**
   * Uploads over these connections; see {@link athanor.hub.Hub#uploads}.
   *
   * @param credential the user's token, if there is one
   */
  public Uploads(HubSettings settings, Http http, Optional<Credential> credential) {
    this.settings = settings;
    this.http = http;
    this.credential = credential;
  }

  /**
   * Finds out whether the upload may be done: the token's rights, the repository, the card.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if there is no token, or it may not
   *     write there, or the Hub fails; of kind USAGE if the repository is public and was to be
   *     private, or a pull request has nowhere to go; of kind BAD_FILE if the Hub does not accept
   *     the card
   */
  public UploadPermission permit(UploadRequest request, Cancellation cancellation) {
    return new Preflight(api(cancellation), request).check();
  }

  /**
   * Returns if the Hub accepts a model card, or cannot be asked now; the user's own card is checked
   * by {@link #permit}.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE with what the Hub says of it
   */
  public void requireCard(String card, UploadPermission permission, Cancellation cancellation) {
    new CardCheck(api(cancellation), permission.repo()).require(card);
  }

  /**
   * The model card that the repository has; empty if it has none.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the Hub refuses or fails
   */
  public Optional<String> card(UploadPermission permission, Cancellation cancellation) {
    return permission.exists()
        ? new Repositories(api(cancellation))
            .text(permission.repo(), permission.request().revision(), CARD)
        : Optional.empty();
  }

  /**
   * What {@link #publish} would do, as far as it can be known without sending or creating anything.
   *
   * @throws athanor.error.AthanorException as there
   */
  public Publication plan(
      UploadPermission permission,
      List<UploadItem> items,
      Progress progress,
      Cancellation cancellation) {
    try (var upload = upload(permission, items, progress, cancellation)) {
      return upload.plan();
    }
  }

  /**
   * Publishes the items in one commit, and looks at what arrived. What the repository has already
   * is not sent. After a failure or a crash the same call goes on where it stopped.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the Hub refuses or fails, or somebody
   *     else changes the same files; of kind BAD_FILE if a file cannot be read or changes
   *     meanwhile; of kind VERIFICATION if the Hub shows something else than was sent; of kind
   *     CANCELLED
   */
  public Publication publish(
      UploadPermission permission,
      List<UploadItem> items,
      Progress progress,
      Cancellation cancellation) {
    try (var upload = upload(permission, items, progress, cancellation)) {
      return upload.run();
    }
  }

  private Upload upload(
      UploadPermission permission,
      List<UploadItem> items,
      Progress progress,
      Cancellation cancellation) {
    Path states = settings.cache().resolve("uploads");
    return new Upload(api(cancellation), permission, items, states, progress);
  }

  private Api api(Cancellation cancellation) {
    Credential token = credential.orElseThrow(() -> TokenProblems.none().toException());
    return new Api(settings.huggingFace(), token, http, cancellation);
  }
}
