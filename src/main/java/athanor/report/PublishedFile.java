package athanor.report;

import athanor.hub.upload.Publication;
import java.util.List;
import java.util.Optional;

/**
 * A file of an upload.
 *
 * @param path in the repository
 * @param bytes its size
 * @param sha256 its hash, if it is a large file
 * @param fate what became of it, or would become of it
 * @param url where people find it
 * @param isNew whether it is published, not there already or left out
 */
public record PublishedFile(
    String path,
    long bytes,
    Optional<String> sha256,
    String fate,
    String url,
    @ForText boolean isNew) {

  static List<PublishedFile> of(Publication publication) {
    return publication.files().stream().map(PublishedFile::of).toList();
  }

  private static PublishedFile of(Publication.Published file) {
    return new PublishedFile(
        file.path(),
        file.size(),
        file.sha256(),
        file.fate().label(),
        file.url(),
        file.fate() == Publication.Fate.PUBLISHED);
  }
}
