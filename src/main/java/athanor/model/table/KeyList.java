package athanor.model.table;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;

/** Collects the tensors of a planned model, layer by layer; all float32 but integers. */
public final class KeyList {
  private final List<TensorInfo> tensors = new ArrayList<>(2600);

  /** What was listed; the list itself, to be sorted or copied. */
  public List<TensorInfo> tensors() {
    return tensors;
  }

  /** The keys of this list that a file lacks. */
  public List<String> missingFrom(KeySet file) {
    var missing = new ArrayList<String>();
    for (TensorInfo tensor : tensors) {
      if (!file.has(tensor.key())) {
        missing.add(tensor.key());
      }
    }
    return missing;
  }

  /** Lists a tensor. */
  public void tensor(String key, long... dims) {
    tensors.add(new TensorInfo(key, DType.F32, Shape.of(dims)));
  }

  /** Lists an int64 tensor. */
  public void integers(String key, long... dims) {
    tensors.add(new TensorInfo(key, DType.I64, Shape.of(dims)));
  }

  /** Lists the weight {@code [out, in]} and the bias of a linear layer. */
  public void linear(String module, long out, long in) {
    tensor(module + ".weight", out, in);
    tensor(module + ".bias", out);
  }

  /** Lists the weight {@code [out, in]} of a linear layer. */
  public void linearWithoutBias(String module, long out, long in) {
    tensor(module + ".weight", out, in);
  }

  /** Lists the weight {@code [out, in, side, side]} and the bias of a convolution. */
  public void convolution(String module, long out, long in, long side) {
    tensor(module + ".weight", out, in, side, side);
    tensor(module + ".bias", out);
  }

  /** Lists the weight and the bias {@code [width]} of a normalisation. */
  public void norm(String module, long width) {
    tensor(module + ".weight", width);
    tensor(module + ".bias", width);
  }
}
