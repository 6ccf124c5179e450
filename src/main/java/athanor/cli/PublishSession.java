package athanor.cli;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.OutputTarget;
import athanor.hub.Hub;
import athanor.hub.upload.Clearance;
import athanor.hub.upload.UploadItem;
import athanor.job.publish.Publishing;
import athanor.progress.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One upload from the question whether it may be done to the link of what was done. The question
 * comes before the work that makes the files.
 */
final class PublishSession {
  private final CommandContext context;
  private final Screen screen;
  private final PublishWish wish;

  PublishSession(CommandContext context, Screen screen, PublishWish wish) {
    this.context = context;
    this.screen = screen;
    this.wish = wish;
  }

  /** Work whose result is to be published. */
  interface Making {
    /** Makes the result at the target; returns its SHA-256 if the target asks for it. */
    Optional<String> make(OutputTarget target);
  }

  /** Returns if the result may be published, and says where it will be. */
  Clearance clear(OutputTarget result) {
    return clear(List.of(name(result)));
  }

  /**
   * Publishes the result of some work, if it may be; that is asked before the work begins.
   *
   * @param work its target asks for the hash
   */
  void around(OutputTarget result, Making work) {
    Clearance clearance = clear(result);
    publish(clearance, result, work.make(result.hashed()));
  }

  /** Publishes a result that is there already. */
  void publish(OutputTarget result) {
    publish(clear(result), result, Optional.empty());
  }

  private void publish(Clearance clearance, OutputTarget result, Optional<String> sha256) {
    var file = new UploadItem.LocalFile(result.path(), name(result), sha256);
    publish(clearance, List.of(file), List.of());
  }

  private static String name(OutputTarget result) {
    return String.valueOf(result.path().getFileName());
  }

  /** Returns if files of these names may be published, and says where they will be. */
  Clearance clear(List<String> names) {
    try (Hub hub = context.hub(screen)) {
      Clearance clearance = publishing(hub, Progress.NONE).clear(wish.request(names));
      new PushReport(screen).plan(clearance);
      return clearance;
    }
  }

  /** Says what publishing would do, and sends nothing. */
  void rehearse(Clearance clearance, List<UploadItem.LocalFile> files) {
    try (Hub hub = context.hub(screen);
        var progress = ProgressDisplay.on(screen)) {
      Publishing publishing = publishing(hub, progress);
      List<UploadItem> items = withCard(publishing, clearance, files);
      new PushReport(screen).forecast(publishing.plan(clearance, items));
    }
  }

  /**
   * Publishes the files, and the card with them.
   *
   * @param furtherWords what a command that goes on needs besides the wish
   */
  void publish(Clearance clearance, List<UploadItem.LocalFile> files, List<String> furtherWords) {
    Signals.outcome("what was sent is kept: give the command again to go on");
    List<String> words = new ArrayList<>(furtherWords);
    words.addAll(wish.words());
    try (Hub hub = context.hub(screen);
        var progress = ProgressDisplay.on(screen)) {
      Publishing publishing = publishing(hub, progress);
      List<UploadItem> items = withCard(publishing, clearance, files);
      new PushReport(screen).done(publishing.push(clearance, items, words));
    }
  }

  private List<UploadItem> withCard(
      Publishing publishing, Clearance clearance, List<UploadItem.LocalFile> files) {
    List<UploadItem> items = new ArrayList<>();
    switch (wish.card()) {
      case CardWish.None _ -> items.addAll(files);
      case CardWish.Own own -> {
        items.addAll(files);
        items.add(own.text());
      }
      case CardWish.Made _ when files.size() > 1 -> {
        items.addAll(files);
        screen.note("no model card is made for several files; give one with --card");
      }
      case CardWish.Made(Optional<String> license, boolean update) -> {
        UploadItem.LocalFile file = publishing.hashed(files.getFirst());
        items.add(file);
        made(() -> publishing.card(file, clearance, license, update)).ifPresent(items::add);
      }
    }
    return items;
  }

  /** The card; none for files that no card can be made for, such as a VAE. */
  private Optional<UploadItem.Text> made(Supplier<UploadItem.Text> card) {
    try {
      return Optional.of(card.get());
    } catch (AthanorException e) {
      if (e.problem().kind() != Kind.INCOMPATIBLE) {
        throw e;
      }
      screen.note("no model card is made: " + e.problem().line());
      return Optional.empty();
    }
  }

  private Publishing publishing(Hub hub, Progress progress) {
    return new Publishing(hub.uploads(), progress, context.cancellation());
  }
}
