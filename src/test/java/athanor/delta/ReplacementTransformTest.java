package athanor.delta;

import static athanor.testkit.Golden.g;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;

class ReplacementTransformTest extends RowTransformContract {
  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  @Override
  protected TensorFile tensors() {
    return new TensorFile().put("x", DType.F32, shape(), g(5, 2, 24));
  }

  @Override
  protected RowTransform transform(StateDict source) {
    return new ReplacementTransform(source, source.find("x").orElseThrow());
  }
}
