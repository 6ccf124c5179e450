package athanor.model;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Edits lists of tensors into the variants that occur. */
final class Checkpoints {
  private Checkpoints() {}

  static List<TensorInfo> of(Architecture architecture) {
    return ReferenceCheckpoint.of(architecture).orElseThrow();
  }

  static TensorInfo tensor(String key, long... dims) {
    return new TensorInfo(key, DType.F16, Shape.of(dims));
  }

  /** Small tensors with these keys. */
  static List<TensorInfo> keys(String... keys) {
    return Arrays.stream(keys).map(key -> tensor(key, 4, 4)).toList();
  }

  static List<TensorInfo> with(List<TensorInfo> tensors, TensorInfo... more) {
    return Stream.concat(tensors.stream(), Arrays.stream(more)).toList();
  }

  static List<TensorInfo> without(List<TensorInfo> tensors, Predicate<String> key) {
    return tensors.stream().filter(tensor -> !key.test(tensor.key())).toList();
  }

  static List<TensorInfo> renamed(List<TensorInfo> tensors, Function<String, String> rename) {
    return tensors.stream()
        .map(t -> new TensorInfo(rename.apply(t.key()), t.dtype(), t.shape()))
        .toList();
  }

  static List<TensorInfo> reshaped(List<TensorInfo> tensors, String key, long... dims) {
    var edited = new ArrayList<TensorInfo>();
    for (TensorInfo tensor : tensors) {
      edited.add(tensor.key().equals(key) ? tensor(key, dims) : tensor);
    }
    return edited;
  }

  static CheckpointModel model(List<TensorInfo> tensors) {
    return switch (Recognition.of(tensors)) {
      case Recognition.Checkpoint(CheckpointModel model) -> model;
      case Recognition other -> throw new AssertionError("recognised as " + other);
    };
  }
}
