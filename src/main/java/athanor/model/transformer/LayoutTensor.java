package athanor.model.transformer;

import athanor.model.table.KeyList;
import athanor.tensor.Shape;
import java.util.List;

/**
 * A weight of a complete model in one of its layouts, and the bias beside it.
 *
 * @param name of its module in the layout
 * @param ending what its key has behind the name; may be empty
 * @param shape of the weight
 * @param bias whether it has a bias, as long as the weight has rows
 * @param segments which modules of the original layout it is, or which rows of them
 */
record LayoutTensor(String name, String ending, Shape shape, boolean bias, List<Segment> segments) {

  /** The key of the weight, and that of the bias if there is one. */
  List<String> keys() {
    return bias ? List.of(name + ending, name + ".bias") : List.of(name + ending);
  }

  /** Appends its tensors behind a prefix to {@code keys}. */
  void list(String prefix, KeyList keys) {
    keys.tensor(prefix + name + ending, shape.dims());
    if (bias) {
      keys.tensor(prefix + name + ".bias", shape.rows());
    }
  }
}
