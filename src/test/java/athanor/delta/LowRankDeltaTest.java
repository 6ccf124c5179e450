package athanor.delta;

import static athanor.testkit.Golden.g;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;
import org.junit.jupiter.api.Nested;

/** The golden vectors for plain LoRA, LoCon and Tucker, computed in float64 with PyTorch. */
class LowRankDeltaTest {
  @Nested
  class OfALinearLayer extends Pair {
    @Override
    protected TensorFile tensors() {
      return new TensorFile()
          .put("up", DType.F32, Shape.of(6, 2), g(5, 2, 12))
          .put("down", DType.F32, Shape.of(2, 4), g(7, 3, 8));
    }

    @Override
    protected Expected expected() {
      return new Expected(0.15234375, 2.29296875, 0.046875, -0.015625, 0.08789062);
    }
  }

  @Nested
  class OfAConvolution extends Pair {
    @Override
    protected TensorFile tensors() {
      return new TensorFile()
          .put("up", DType.F16, Shape.of(6, 2, 1, 1), g(5, 2, 12))
          .put("down", DType.F16, Shape.of(2, 4, 3, 3), g(7, 3, 72));
    }

    @Override
    protected Expected expected() {
      return new Expected(
          0.375 / 2, 19.97265625 / 2, 0.1484375 / 2, -0.04296875 / 2, 0.1640625 / 2);
    }
  }

  @Nested
  class WithATuckerCore extends Pair {
    @Override
    protected TensorFile tensors() {
      return new TensorFile()
          .put("up", DType.BF16, Shape.of(6, 2), g(5, 2, 12))
          .put("mid", DType.BF16, Shape.of(2, 2, 3, 3), g(11, 4, 36))
          .put("down", DType.BF16, Shape.of(2, 4, 1, 1), g(7, 3, 8));
    }

    @Override
    protected Expected expected() {
      return new Expected(
          0.05761719 / 2, 4.96264648 / 2, 0.03491211 / 2, 0.02026367 / 2, 0.03051758 / 2);
    }
  }

  /** Of scale ½. */
  abstract static class Pair extends DeltaContract {
    @Override
    protected Delta delta(StateDict source) {
      return new LowRankDelta(
          source,
          source.find("up").orElseThrow(),
          source.find("down").orElseThrow(),
          source.find("mid"),
          0.5);
    }
  }
}
