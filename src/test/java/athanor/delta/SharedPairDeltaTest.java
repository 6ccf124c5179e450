package athanor.delta;

import static athanor.testkit.Golden.g;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.TensorFile;

class SharedPairDeltaTest extends DeltaContract {
  @Override
  protected TensorFile tensors() {
    return new TensorFile()
        .put("left", DType.F32, Shape.of(6, 2), g(9, 6, 12))
        .put("right", DType.F32, Shape.of(2, 4), g(3, 5, 8))
        .put("outer", DType.F32, Shape.of(6), g(5, 2, 6))
        .put("inner", DType.F32, Shape.of(2), g(7, 3, 2));
  }

  @Override
  protected Delta delta(StateDict source) {
    return new SharedPairDelta(
        source,
        tensor(source, "left"),
        tensor(source, "right"),
        tensor(source, "outer"),
        tensor(source, "inner"),
        4);
  }

  private static TensorInfo tensor(StateDict source, String key) {
    return source.find(key).orElseThrow();
  }

  @Override
  protected Expected expected() {
    return new Expected(0.00540161, -0.17098999, 0.01300049, 0.00640869, -0.00018311);
  }
}
