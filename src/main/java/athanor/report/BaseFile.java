package athanor.report;

import athanor.file.InputFile;
import athanor.job.PreparedMerge;
import athanor.job.inspect.DTypeShares;
import athanor.model.Component;
import java.util.stream.Collectors;

/**
 * The base of a merge.
 *
 * @param file its name
 * @param architecture such as {@code SD 1.x}
 * @param description the same, with what is special about it
 * @param components its parts, separated by commas
 * @param dtypes its stored types
 * @param bytes its size, all its files together
 */
@LineName("base")
public record BaseFile(
    String file,
    String architecture,
    String description,
    String components,
    String dtypes,
    long bytes)
    implements Result {

  /** The base of an opened merge. */
  public static BaseFile of(PreparedMerge merge) {
    return new BaseFile(
        merge.base().name(),
        merge.architecture().label(),
        merge.model().description(),
        merge.model().components().stream().map(Component::label).collect(Collectors.joining(", ")),
        DTypeShares.of(merge.base()),
        merge.base().files().stream().mapToLong(InputFile::size).sum());
  }
}
