package athanor.cli.option;

import athanor.card.CardOptions;
import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.error.Problem;
import athanor.hub.upload.RepoId;
import athanor.hub.upload.UploadRequest;
import athanor.hub.upload.Visibility;
import athanor.job.publish.CardChoice;
import athanor.job.publish.PublishSettings;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How something is published: options of every command that does it. */
@InGroup(OptionGroup.PUBLISHING)
public final class PublishOptions {
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

  @Option(
      names = {"--update-card", "--update_card"},
      description = "Add to the card that is there what it lacks; otherwise it stays as it is.")
  private boolean updateCard;

  @Option(
      names = "--license",
      paramLabel = "ID",
      description = "The licence in the card; default: what all inputs agree on.")
  private @Nullable String license;

  @Option(names = "--no-card", description = "Publish no model card.")
  private boolean noCard;

  /** Whether any of them was given. */
  public boolean areGiven() {
    return isPrivate
        || isPublic
        || createPr
        || noCard
        || updateCard
        || license != null
        || revision != null
        || message != null
        || card != null;
  }

  /**
   * What was asked for.
   *
   * @throws athanor.error.AthanorException of kind USAGE if two options contradict each other
   */
  public PublishSettings settings(RepoId repo) {
    if (isPrivate && isPublic) {
      throw Problem.usage("--private and --public contradict each other").toException();
    }
    boolean made = updateCard || license != null;
    if ((card != null && noCard) || ((card != null || noCard) && made)) {
      throw Problem.usage("the options for the model card contradict each other")
          .expected("--card FILE, or --no-card, or --update-card and --license")
          .toException();
    }
    return new PublishSettings(
        repo,
        isPrivate ? Visibility.PRIVATE : isPublic ? Visibility.PUBLIC : Visibility.AS_IS,
        createPr,
        revision == null ? UploadRequest.MAIN : revision,
        Optional.ofNullable(message),
        cardChoice());
  }

  private CardChoice cardChoice() {
    if (card != null) {
      return new CardChoice.Own(card);
    }
    return noCard
        ? new CardChoice.None()
        : new CardChoice.Made(
            new CardOptions(Optional.empty(), Optional.ofNullable(license)).license(), updateCard);
  }
}
