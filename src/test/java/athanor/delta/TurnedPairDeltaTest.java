package athanor.delta;

import static athanor.testkit.Golden.g;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;

/** The golden vector for LoRA, from factors that are turned over. */
class TurnedPairDeltaTest extends DeltaContract {
  @Override
  protected TensorFile tensors() {
    return new TensorFile()
        .put("a", DType.F32, Shape.of(2, 6), Transposed.of(g(5, 2, 12), 6, 2))
        .put("b", DType.F32, Shape.of(4, 2), Transposed.of(g(7, 3, 8), 2, 4));
  }

  @Override
  protected Delta delta(StateDict source) {
    return new TurnedPairDelta(
        source, source.find("b").orElseThrow(), source.find("a").orElseThrow(), 0.5);
  }

  @Override
  protected Expected expected() {
    return new Expected(0.15234375, 2.29296875, 0.046875, -0.015625, 0.08789062);
  }
}
