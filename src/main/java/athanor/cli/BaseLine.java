package athanor.cli;

import athanor.file.InputFile;
import athanor.job.PreparedMerge;
import athanor.model.Component;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.EnumMap;
import java.util.Map;
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
        + dtypes(merge.base())
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
    json.writeStringProperty("dtypes", dtypes(merge.base()));
    json.writeNumberProperty("bytes", size(merge.base()));
  }

  static long size(StateDict file) {
    return file.files().stream().mapToLong(InputFile::size).sum();
  }

  /** The types of its tensors, the most bytes first: {@code fp16 (fp32 1 %)}. */
  static String dtypes(StateDict file) {
    Map<DType, Long> bytes = new EnumMap<>(DType.class);
    for (TensorInfo tensor : file.tensors()) {
      if (tensor.dtype().isArithmetic()) {
        bytes.merge(tensor.dtype(), tensor.byteSize(), Long::sum);
      }
    }
    long all = Math.max(1, bytes.values().stream().mapToLong(Long::longValue).sum());
    return bytes.entrySet().stream()
        .sorted(Map.Entry.<DType, Long>comparingByValue().reversed())
        .map(entry -> {
          long percent = Math.round(100.0 * entry.getValue() / all);
          String name = entry.getKey().familiarName();
          return percent >= 99 ? name : name + " " + (percent < 1 ? "<1" : percent) + " %";
        })
        .collect(Collectors.joining(" + "));
  }
}
