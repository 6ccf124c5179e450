package athanor.cli;

import athanor.file.InputFile;
import athanor.job.DTypeShares;
import athanor.job.PreparedMerge;
import athanor.model.Component;
import athanor.tensor.StateDict;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;

/** The base of a merge in one line. */
final class BaseLine {
  private BaseLine() {}

  static String text(PreparedMerge merge) {
    return merge.base().name()
        + ": "
        + merge.model().description()
        + ", "
        + DTypeShares.of(merge.base())
        + ", "
        + Sizes.bytes(size(merge.base()));
  }

  static void write(JsonGenerator json, PreparedMerge merge) {
    json.writeStringProperty("result", "base");
    json.writeStringProperty("file", merge.base().name());
    json.writeStringProperty("architecture", merge.architecture().label());
    json.writeStringProperty("description", merge.model().description());
    json.writeStringProperty(
        "components",
        merge.model().components().stream()
            .map(Component::label)
            .collect(Collectors.joining(", ")));
    json.writeStringProperty("dtypes", DTypeShares.of(merge.base()));
    json.writeNumberProperty("bytes", size(merge.base()));
  }

  static long size(StateDict file) {
    return file.files().stream().mapToLong(InputFile::size).sum();
  }
}
