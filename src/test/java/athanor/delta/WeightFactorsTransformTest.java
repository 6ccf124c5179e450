package athanor.delta;

import static athanor.testkit.Golden.g;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;

class WeightFactorsTransformTest extends RowTransformContract {
  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  @Override
  protected TensorFile tensors() {
    return new TensorFile()
        .put("x", DType.F32, Shape.of(6, 2), g(7, 3, 12))
        .put("down", DType.F32, Shape.of(2, 4), g(5, 2, 8));
  }

  @Override
  protected RowTransform transform(StateDict source) {
    return new WeightFactorsTransform(
        new StoredPair(source, source.find("x").orElseThrow(), source.find("down").orElseThrow()),
        6,
        4);
  }
}
