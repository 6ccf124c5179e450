package athanor.adapter;

import athanor.model.ModuleDims;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * The input and output sizes of a file's modules: evidence for the architecture it was made for.
 */
final class Dimensions {
  private Dimensions() {}

  static List<ModuleDims> of(AdapterFile file) {
    List<ModuleDims> dims = new ArrayList<>();
    for (AdapterModule module : file.modules()) {
      TensorInfo up = module.tensors().get(Role.UP);
      TensorInfo down = module.tensors().get(Role.DOWN);
      TensorInfo diff = module.tensors().get(Role.DIFF);
      long outputs = up != null ? up.shape().rows() : diff != null ? diff.shape().rows() : 0;
      long inputs = down != null ? inputs(down.shape()) : diff != null ? inputs(diff.shape()) : 0;
      dims.add(new ModuleDims(module.name(), inputs, outputs));
    }
    return dims;
  }

  private static long inputs(Shape shape) {
    return shape.rank() < 2 ? 0 : shape.dim(1);
  }
}
