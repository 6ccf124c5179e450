package athanor.report;

import athanor.job.input.DownloadForecast;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An input that was given as a link.
 *
 * @param file its name
 * @param source the link
 * @param here whether it is on this computer already
 * @param bytes its size, if that is known
 * @param sha256 its hash, if its service lists one
 */
@LineName("download")
public record Download(
    String file, String source, boolean here, OptionalLong bytes, Optional<String> sha256)
    implements Result {

  /** The inputs of a merge that were given as links. */
  public static List<Download> of(DownloadForecast forecast) {
    return forecast.items().stream().map(Download::of).toList();
  }

  private static Download of(DownloadForecast.Item item) {
    return new Download(
        item.file().localName(),
        item.file().asked(),
        item.here(),
        item.size(),
        item.file().sha256());
  }
}
