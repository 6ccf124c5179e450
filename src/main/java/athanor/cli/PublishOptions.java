package athanor.cli;

import athanor.error.Problem;
import athanor.hub.upload.RepoId;
import athanor.hub.upload.UploadRequest;
import athanor.hub.upload.Visibility;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How something is published: options of every command that does it. */
final class PublishOptions {
  @Option(
      names = "--private",
      description =
          "Only you may see it: the default for a new repository; a public one is refused.")
  private boolean isPrivate;

  @Option(names = "--public", description = "Everybody may see it.")
  private boolean isPublic;

  @Option(
      names = {"--create-pr", "--create_pr"},
      description = "Propose the change in a pull request.")
  private boolean createPr;

  @Option(
      names = "--revision",
      paramLabel = "BRANCH",
      description = "The branch; created if there is none. Default: main.")
  private @Nullable String revision;

  @Option(names = "--message", paramLabel = "TEXT", description = "The message of the commit.")
  private @Nullable String message;

  @Option(
      names = "--card",
      paramLabel = "FILE",
      description = "The model card; it replaces the one that is there.")
  private @Nullable Path card;

  @Option(names = "--no-card", description = "Publish no model card.")
  private boolean noCard;

  /** Whether any of them was given. */
  boolean areGiven() {
    return isPrivate
        || isPublic
        || createPr
        || noCard
        || revision != null
        || message != null
        || card != null;
  }

  /**
   * What was asked for.
   *
   * @throws athanor.error.AthanorException of kind USAGE if two options contradict each other
   */
  PublishWish wish(RepoId repo) {
    if (isPrivate && isPublic) {
      throw Problem.usage("--private and --public contradict each other").toException();
    }
    if (card != null && noCard) {
      throw Problem.usage("--card and --no-card contradict each other").toException();
    }
    return new PublishWish(
        repo,
        isPrivate ? Visibility.PRIVATE : isPublic ? Visibility.PUBLIC : Visibility.AS_IS,
        createPr,
        revision == null ? UploadRequest.MAIN : revision,
        Optional.ofNullable(message),
        Optional.ofNullable(card),
        !noCard);
  }
}
