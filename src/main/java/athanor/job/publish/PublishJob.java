package athanor.job.publish;

import athanor.hub.upload.Publication;
import athanor.hub.upload.UploadItem;
import athanor.hub.upload.UploadPermission;
import athanor.job.input.DownloadForecast;
import athanor.job.session.Forecast;
import athanor.job.session.Job;
import athanor.job.session.JobListener;
import athanor.job.session.JobSettings;
import athanor.progress.Cancellation;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Publishes model files that are there, and a model card with them.
 *
 * @param wanted where, and how
 * @param files the files and their names in the repository
 * @param words what a command that goes on needs besides the settings
 * @param settings the world around
 */
public record PublishJob(
    PublishSettings wanted,
    List<UploadItem.LocalFile> files,
    List<String> words,
    JobSettings settings)
    implements Job<Publication> {

  /** Copies the lists. */
  public PublishJob {
    files = List.copyOf(files);
    words = List.copyOf(words);
  }

  /** Publishes the result of a merge that an earlier run made. */
  public static PublishJob ofMerged(Path file, PublishSettings wanted, JobSettings settings) {
    var item = new UploadItem.LocalFile(file, String.valueOf(file.getFileName()), Optional.empty());
    return new PublishJob(wanted, List.of(item), List.of(), settings);
  }

  @Override
  public Forecast judge(JobListener listener, Cancellation cancellation) {
    PublishSession session = session(listener, cancellation);
    session.plan(permit(session), files);
    return new Forecast(true, OptionalLong.empty(), new DownloadForecast(List.of(), Path.of("")));
  }

  @Override
  public Publication run(JobListener listener, Cancellation cancellation) {
    PublishSession session = session(listener, cancellation);
    return session.publish(permit(session), files, words);
  }

  private UploadPermission permit(PublishSession session) {
    return session.permit(files.stream().map(UploadItem::path).toList());
  }

  private PublishSession session(JobListener listener, Cancellation cancellation) {
    return new PublishSession(wanted, settings, listener, cancellation);
  }
}
