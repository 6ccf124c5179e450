package athanor.job.publish;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.hub.Hub;
import athanor.hub.upload.Publication;
import athanor.hub.upload.UploadItem;
import athanor.hub.upload.UploadPermission;
import athanor.job.session.JobEvent;
import athanor.job.session.JobListener;
import athanor.job.session.JobSettings;
import athanor.job.session.Leftover;
import athanor.job.session.Stage;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One upload from the question whether it may be done to what was done. The question comes before
 * the work that makes the files.
 */
final class PublishSession {
  private final PublishSettings wanted;
  private final JobSettings settings;
  private final JobListener listener;
  private final Cancellation cancellation;

  PublishSession(
      PublishSettings wanted,
      JobSettings settings,
      JobListener listener,
      Cancellation cancellation) {
    this.wanted = wanted;
    this.settings = settings;
    this.listener = listener;
    this.cancellation = cancellation;
  }

  /** Returns if files of these names may be published, and tells where they will be. */
  UploadPermission permit(List<String> names) {
    try (Hub hub = settings.hub(listener::note)) {
      UploadPermission permission = publishing(hub, Progress.NONE).permit(wanted.request(names));
      listener.hear(new JobEvent.Permitted(permission));
      return permission;
    }
  }

  /** Tells what publishing would do, and sends nothing. */
  Publication plan(UploadPermission permission, List<UploadItem.LocalFile> files) {
    try (Hub hub = settings.hub(listener::note)) {
      Publishing publishing = publishing(hub, listener.progress());
      List<UploadItem> items = withCard(publishing, permission, files);
      Publication plan = publishing.plan(permission, items);
      listener.hear(new JobEvent.PublicationPlanned(plan));
      return plan;
    }
  }

  /**
   * Publishes the files, and the card with them.
   *
   * @param furtherWords what a command that goes on needs besides the settings
   */
  Publication publish(
      UploadPermission permission, List<UploadItem.LocalFile> files, List<String> furtherWords) {
    listener.hear(new JobEvent.Leaves(Leftover.UPLOADS));
    listener.hear(new JobEvent.At(Stage.PUBLISHING));
    List<String> words = new ArrayList<>(furtherWords);
    words.addAll(wanted.words());
    try (Hub hub = settings.hub(listener::note)) {
      Publishing publishing = publishing(hub, listener.progress());
      List<UploadItem> items = withCard(publishing, permission, files);
      Publication done = publishing.push(permission, items, words);
      listener.hear(new JobEvent.Published(done));
      return done;
    }
  }

  private List<UploadItem> withCard(
      Publishing publishing, UploadPermission permission, List<UploadItem.LocalFile> files) {
    List<UploadItem> items = new ArrayList<>();
    switch (wanted.card()) {
      case CardChoice.None _ -> items.addAll(files);
      case CardChoice.Own own -> {
        items.addAll(files);
        items.add(own.text());
      }
      case CardChoice.Made _ when files.size() > 1 -> {
        items.addAll(files);
        listener.note("no model card is made for several files; give one with --card");
      }
      case CardChoice.Made(Optional<String> license, boolean update) -> {
        UploadItem.LocalFile file = publishing.hashed(files.getFirst());
        items.add(file);
        made(() -> publishing.card(file, permission, license, update)).ifPresent(items::add);
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
      listener.note("no model card is made: " + e.problem().line());
      return Optional.empty();
    }
  }

  private Publishing publishing(Hub hub, Progress progress) {
    return new Publishing(hub.uploads(), progress, cancellation);
  }
}
