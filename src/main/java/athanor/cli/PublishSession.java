package athanor.cli;

import athanor.hub.Hub;
import athanor.hub.upload.Clearance;
import athanor.hub.upload.UploadItem;
import athanor.job.Publishing;
import athanor.progress.Progress;
import java.util.ArrayList;
import java.util.List;

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
      new PushReport(screen).forecast(publishing(hub, progress).plan(clearance, withCard(files)));
    }
  }

  /** Publishes the files, and the card with them. */
  void publish(Clearance clearance, List<UploadItem.LocalFile> files, List<String> furtherWords) {
    Signals.outcome("what was sent is kept: give the command again to go on");
    List<String> words = new ArrayList<>(furtherWords);
    words.addAll(wish.words());
    try (Hub hub = context.hub(screen);
        var progress = ProgressDisplay.on(screen)) {
      new PushReport(screen)
          .done(publishing(hub, progress).push(clearance, withCard(files), words));
    }
  }

  private List<UploadItem> withCard(List<UploadItem.LocalFile> files) {
    List<UploadItem> items = new ArrayList<>(files);
    wish.cardOfUser().ifPresent(items::add);
    return items;
  }

  private Publishing publishing(Hub hub, Progress progress) {
    return new Publishing(hub.uploads(), progress, context.cancellation());
  }
}
