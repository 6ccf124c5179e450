package athanor.delta;

import static athanor.testkit.Golden.g;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;

/** A block whose last period is cut short; the sums are PEFT's less those of its weight. */
class PeriodicDeltaTest extends DeltaContract {
  @Override
  protected TensorFile tensors() {
    return new TensorFile().put("block", DType.F32, Shape.of(3, 6), g(5, 2, 18));
  }

  @Override
  protected Delta delta(StateDict source) {
    return new PeriodicDelta(source, source.find("block").orElseThrow(), 6, 7);
  }

  @Override
  protected Expected expected() {
    float[] weight = g(3, 1, 42);
    return new Expected(
        -1.875 - athanor.testkit.Golden.sum(weight),
        -57.625 - athanor.testkit.Golden.weightedSum(weight),
        -0.8125 + 0.4375,
        0.1875 + 0.25,
        0.125 + 0.0625);
  }
}
