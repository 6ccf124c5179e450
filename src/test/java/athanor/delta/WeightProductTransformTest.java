package athanor.delta;

import static athanor.testkit.Golden.g;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;
import org.junit.jupiter.api.Nested;

class WeightProductTransformTest {
  private abstract static class OverASide extends RowTransformContract {
    private final int side;

    OverASide(int side) {
      this.side = side;
    }

    @Override
    protected Shape shape() {
      return Shape.of(6, 4, 3, 3);
    }

    @Override
    protected TensorFile tensors() {
      return new TensorFile()
          .put("x", DType.F32, Shape.of(side, 2), g(5, 2, side * 2))
          .put("y", DType.F32, Shape.of(2, side), g(7, 3, side * 2));
    }

    @Override
    protected RowTransform transform(StateDict source) {
      return new WeightProductTransform(
          new StoredPair(source, source.find("x").orElseThrow(), source.find("y").orElseThrow()),
          side,
          0.5);
    }
  }

  @Nested
  class OverChannels extends OverASide {
    OverChannels() {
      super(4);
    }
  }

  @Nested
  class OverChannelsAndKernel extends OverASide {
    OverChannelsAndKernel() {
      super(36);
    }
  }
}
