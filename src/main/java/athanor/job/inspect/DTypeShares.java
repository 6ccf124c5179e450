package athanor.job.inspect;

import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Which types the weights of a file have. */
public final class DTypeShares {
  private DTypeShares() {}

  /**
   * The floating-point types, the most bytes first: {@code fp16}, or {@code fp16 96 % + fp32 4 %}.
   */
  public static String of(StateDict file) {
    Map<DType, Long> bytes = new EnumMap<>(DType.class);
    for (TensorInfo tensor : file.tensors()) {
      if (tensor.dtype().isArithmetic()) {
        bytes.merge(tensor.dtype(), tensor.byteSize(), Long::sum);
      }
    }
    long all = Math.max(1, bytes.values().stream().mapToLong(Long::longValue).sum());
    return bytes.isEmpty()
        ? "no floating-point weights"
        : bytes.entrySet().stream()
            .sorted(Map.Entry.<DType, Long>comparingByValue().reversed())
            .map(entry -> share(entry.getKey(), Math.round(100.0 * entry.getValue() / all)))
            .collect(Collectors.joining(" + "));
  }

  private static String share(DType dtype, long percent) {
    if (percent >= 100) {
      return dtype.familiarName();
    }
    return dtype.familiarName() + " " + (percent < 1 ? "<1" : percent) + " %";
  }
}
