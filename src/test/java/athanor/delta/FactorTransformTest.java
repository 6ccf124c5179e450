package athanor.delta;

import static athanor.testkit.Golden.g;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;
import org.junit.jupiter.api.Nested;

class FactorTransformTest {
  private abstract static class OfASide extends RowTransformContract {
    private final Side side;

    OfASide(Side side) {
      this.side = side;
    }

    @Override
    protected Shape shape() {
      return Shape.of(6, 4, 3, 3);
    }

    @Override
    protected TensorFile tensors() {
      int count = Math.toIntExact(side.length(shape()));
      return new TensorFile().put("x", DType.F32, Shape.of(count), g(5, 2, count));
    }

    @Override
    protected RowTransform transform(StateDict source) {
      return new FactorTransform(source, source.find("x").orElseThrow(), side, 1);
    }
  }

  @Nested
  class OfOutputs extends OfASide {
    OfOutputs() {
      super(Side.OUTPUTS);
    }
  }

  @Nested
  class OfInputs extends OfASide {
    OfInputs() {
      super(Side.INPUTS);
    }
  }
}
