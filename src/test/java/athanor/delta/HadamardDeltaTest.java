package athanor.delta;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;
import java.util.Optional;
import org.junit.jupiter.api.Nested;

/** The golden vectors for LoHa, computed in float64 with PyTorch. */
class HadamardDeltaTest {
  @Nested
  class OfALinearLayer extends DeltaContract {
    @Override
    protected TensorFile tensors() {
      return new TensorFile()
          .put("w1_a", DType.F32, Shape.of(6, 2), g(5, 2, 12))
          .put("w1_b", DType.F32, Shape.of(2, 4), g(7, 3, 8))
          .put("w2_a", DType.F32, Shape.of(6, 2), g(3, 5, 12))
          .put("w2_b", DType.F32, Shape.of(2, 4), g(9, 6, 8));
    }

    /** Rank 2 · 2 fills the side of 4, so it has no factors. */
    @Override
    protected Delta delta(StateDict source) {
      Delta delta = new HadamardDelta(pair(source, "w1"), pair(source, "w2"), 6, 4, 0.5);
      assertThat(delta.asLowRank()).isEmpty();
      return delta;
    }

    @Override
    protected Expected expected() {
      return new Expected(-0.01140594, -0.09745026, 0.00109863, 0.00128174, 0.00102997);
    }
  }

  /** Rank 1 · 2 is below the sides 6 and 4, so it has factors. */
  @Nested
  class OfALowRank extends DeltaContract {
    @Override
    protected TensorFile tensors() {
      return new TensorFile()
          .put("w1_a", DType.F32, Shape.of(6, 1), g(5, 2, 6))
          .put("w1_b", DType.F32, Shape.of(1, 4), g(7, 3, 4))
          .put("w2_a", DType.F32, Shape.of(6, 2), g(3, 5, 12))
          .put("w2_b", DType.F32, Shape.of(2, 4), g(9, 6, 8));
    }

    @Override
    protected Delta delta(StateDict source) {
      Delta delta = new HadamardDelta(pair(source, "w1"), pair(source, "w2"), 6, 4, 2);
      assertThat(delta.asLowRank().map(LowRank::rank)).isEqualTo(Optional.of(2));
      return delta;
    }

    @Override
    protected Expected expected() {
      return new Expected(0.01290894, 0.03033447, 0.00549316, 0.00769043, 0.00439453);
    }
  }

  @Nested
  class WithTuckerCores extends DeltaContract {
    @Override
    protected TensorFile tensors() {
      return new TensorFile()
          .put("t1", DType.F32, Shape.of(2, 2, 3, 3), g(11, 4, 36))
          .put("t2", DType.F32, Shape.of(2, 2, 3, 3), g(13, 7, 36))
          .put("w1_a", DType.F32, Shape.of(2, 6), g(5, 2, 12))
          .put("w1_b", DType.F32, Shape.of(2, 4), g(7, 3, 8))
          .put("w2_a", DType.F32, Shape.of(2, 6), g(3, 5, 12))
          .put("w2_b", DType.F32, Shape.of(2, 4), g(9, 6, 8));
    }

    @Override
    protected Delta delta(StateDict source) {
      return new HadamardDelta(tucker(source, "1"), tucker(source, "2"), 6, 36, 0.5);
    }

    @Override
    protected Expected expected() {
      return new Expected(
          0.06937557 / 2, 11.39135581 / 2, -0.00008523 / 2, -0.00000632 / 2, -0.00022507 / 2);
    }

    private static LowRank tucker(StateDict source, String number) {
      return new TuckerPair(
          source,
          source.find("t" + number).orElseThrow(),
          source.find("w" + number + "_a").orElseThrow(),
          source.find("w" + number + "_b").orElseThrow());
    }
  }

  private static LowRank pair(StateDict source, String name) {
    return new StoredPair(
        source, source.find(name + "_a").orElseThrow(), source.find(name + "_b").orElseThrow());
  }
}
