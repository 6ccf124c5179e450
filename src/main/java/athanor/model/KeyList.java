package athanor.model;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;

/** Collects the tensors of a planned model, layer by layer; all float32 but integers. */
final class KeyList {
  private final List<TensorInfo> tensors = new ArrayList<>(2600);

  List<TensorInfo> tensors() {
    return tensors;
  }

  /** The keys of this list that a file lacks. */
  List<String> missingFrom(KeySet file) {
    var missing = new ArrayList<String>();
    for (TensorInfo tensor : tensors) {
      if (!file.has(tensor.key())) {
        missing.add(tensor.key());
      }
    }
    return missing;
  }

  void tensor(String key, long... dims) {
    tensors.add(new TensorInfo(key, DType.F32, Shape.of(dims)));
  }

  void integers(String key, long... dims) {
    tensors.add(new TensorInfo(key, DType.I64, Shape.of(dims)));
  }

  void linear(String module, long out, long in) {
    tensor(module + ".weight", out, in);
    tensor(module + ".bias", out);
  }

  void linearWithoutBias(String module, long out, long in) {
    tensor(module + ".weight", out, in);
  }

  void convolution(String module, long out, long in, long side) {
    tensor(module + ".weight", out, in, side, side);
    tensor(module + ".bias", out);
  }

  void norm(String module, long width) {
    tensor(module + ".weight", width);
    tensor(module + ".bias", width);
  }
}
