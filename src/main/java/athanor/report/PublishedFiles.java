package athanor.report;

import athanor.hub.upload.Publication;
import java.util.List;
import java.util.Optional;

/**
 * What an upload did.
 *
 * @param repository such as {@code alice/mine}
 * @param url its page
 * @param commit the commit; empty if none was needed
 * @param commitUrl its page
 * @param pullRequest the page of the pull request, if one was opened
 * @param sentBytes of large files that went over the line, repetitions included
 * @param files every file
 */
@LineName("push")
public record PublishedFiles(
    String repository,
    String url,
    Optional<String> commit,
    Optional<String> commitUrl,
    Optional<String> pullRequest,
    long sentBytes,
    List<PublishedFile> files)
    implements Result {

  /** What was done. */
  public static PublishedFiles of(Publication done) {
    return new PublishedFiles(
        done.repo().toString(),
        done.page(),
        done.commit(),
        done.commitUrl(),
        done.pullRequest(),
        done.sentBytes(),
        PublishedFile.of(done));
  }

  /** The address that a person opens next. */
  public String link() {
    return pullRequest.orElse(files.size() == 1 ? files.getFirst().url() : url);
  }
}
