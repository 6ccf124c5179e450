package athanor.delta;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The golden vectors for LoKr, computed in float64 with LyCORIS, and more with NumPy. */
class KroneckerDeltaTest {
  @TempDir private Path folder;

  private static TensorFile file(String name, int a, int b, long... dims) {
    return with(new TensorFile(), name, a, b, dims);
  }

  private static TensorFile with(TensorFile file, String name, int a, int b, long... dims) {
    Shape shape = Shape.of(dims);
    return file.put(name, DType.F32, shape, g(a, b, (int) shape.elementCount()));
  }

  private static KroneckerDelta.Side whole(StateDict source, String name) {
    return new KroneckerDelta.Whole(source, source.find(name).orElseThrow());
  }

  private static KroneckerDelta.Side pair(StateDict source, String name) {
    var left = source.find(name + "_a").orElseThrow();
    var right = source.find(name + "_b").orElseThrow();
    return new KroneckerDelta.Product(
        new StoredPair(source, left, right), left.shape().rows(), right.shape().columns());
  }

  private static Optional<Integer> rank(Delta delta) {
    return delta.asLowRank().map(LowRank::rank);
  }

  /** Rank 2 · 2 fills the side of 4, so it has no factors. */
  @Nested
  class OfTwoMatrices extends DeltaContract {
    @Override
    protected TensorFile tensors() {
      return with(file("w1", 5, 2, 2, 2), "w2", 7, 3, 3, 2);
    }

    @Override
    protected Delta delta(StateDict source) {
      Delta delta = new KroneckerDelta(whole(source, "w1"), whole(source, "w2"), 2);
      assertThat(rank(delta)).isEmpty();
      return delta;
    }

    @Override
    protected Expected expected() {
      return new Expected(2 * 0.4296875, 2 * 3.99609375, 2 * 0.1171875, 2 * -0.046875, 0.0390625);
    }
  }

  /** Rank 2 · 1 is below the sides 6 and 4. */
  @Nested
  class OfAMatrixAndAPair extends DeltaContract {
    @Override
    protected TensorFile tensors() {
      return with(with(file("w1", 5, 2, 2, 2), "w2_a", 3, 5, 3, 1), "w2_b", 9, 6, 1, 2);
    }

    @Override
    protected Delta delta(StateDict source) {
      Delta delta = new KroneckerDelta(whole(source, "w1"), pair(source, "w2"), 0.5);
      assertThat(rank(delta)).contains(2);
      return delta;
    }

    @Override
    protected Expected expected() {
      return new Expected(0, -0.16113281, -0.00439453, 0.01538086, -0.00073242);
    }
  }

  @Nested
  class OfTwoPairs extends DeltaContract {
    @Override
    protected TensorFile tensors() {
      TensorFile first = with(file("w1_a", 5, 2, 3, 1), "w1_b", 7, 3, 1, 4);
      return with(with(first, "w2_a", 3, 5, 5, 2), "w2_b", 9, 6, 2, 6);
    }

    @Override
    protected Delta delta(StateDict source) {
      Delta delta = new KroneckerDelta(pair(source, "w1"), pair(source, "w2"), 0.5);
      assertThat(rank(delta)).contains(2);
      return delta;
    }

    @Override
    protected Expected expected() {
      return new Expected(-0.0362548828125, 7.52618408203125, 0.00137329, -0.00480652, 0.00068665);
    }
  }

  /** The rank is that of the smaller side. */
  @Nested
  class OfAWideMatrixAndAPair extends DeltaContract {
    @Override
    protected TensorFile tensors() {
      return with(with(file("w1", 5, 2, 2, 3), "w2_a", 3, 5, 5, 1), "w2_b", 9, 6, 1, 4);
    }

    @Override
    protected Delta delta(StateDict source) {
      Delta delta = new KroneckerDelta(whole(source, "w1"), pair(source, "w2"), 0.5);
      assertThat(rank(delta)).contains(2);
      return delta;
    }

    @Override
    protected Expected expected() {
      return new Expected(0.03515625, 3.2958984375, -0.00439453, 0.01538086, -0.00219727);
    }
  }

  @Nested
  class OfATallMatrixAndAPair extends DeltaContract {
    @Override
    protected TensorFile tensors() {
      return with(with(file("w1", 5, 2, 3, 2), "w2_a", 3, 5, 5, 1), "w2_b", 9, 6, 1, 4);
    }

    @Override
    protected Delta delta(StateDict source) {
      Delta delta = new KroneckerDelta(whole(source, "w1"), pair(source, "w2"), 0.5);
      assertThat(rank(delta)).contains(2);
      return delta;
    }

    @Override
    protected Expected expected() {
      return new Expected(0.03515625, 2.0302734375, -0.00439453, 0.01538086, -0.00219727);
    }
  }

  /** A pair of rank 3 for a matrix of 2 × 2, whose rank can be no more than 2. */
  @Nested
  class OfAPairOfMoreRanksThanItsSides extends DeltaContract {
    @Override
    protected TensorFile tensors() {
      TensorFile first = with(file("w1_a", 5, 2, 2, 3), "w1_b", 7, 3, 3, 2);
      return with(with(first, "w2_a", 3, 5, 4, 1), "w2_b", 9, 6, 1, 4);
    }

    @Override
    protected Delta delta(StateDict source) {
      Delta delta = new KroneckerDelta(pair(source, "w1"), pair(source, "w2"), 0.5);
      assertThat(rank(delta)).contains(2);
      return delta;
    }

    @Override
    protected Expected expected() {
      return new Expected(0.0494384765625, 2.612274169921875, 0.00283813, -0.00993347, 0.00141907);
    }
  }

  @Nested
  class WithATuckerCore extends DeltaContract {
    @Override
    protected TensorFile tensors() {
      TensorFile first = with(file("w1", 5, 2, 2, 2), "t2", 11, 4, 2, 2, 3, 3);
      return with(with(first, "w2_a", 3, 5, 2, 3), "w2_b", 9, 6, 2, 2);
    }

    @Override
    protected Delta delta(StateDict source) {
      LowRank core =
          new TuckerPair(
              source,
              source.find("t2").orElseThrow(),
              source.find("w2_a").orElseThrow(),
              source.find("w2_b").orElseThrow());
      Delta delta =
          new KroneckerDelta(whole(source, "w1"), new KroneckerDelta.Product(core, 3, 18), 0.5);
      assertThat(rank(delta)).contains(4);
      return delta;
    }

    @Override
    protected Expected expected() {
      return new Expected(
          0.05757141 / 2, 10.48873901 / 2, 0.01400757 / 2, -0.00494385 / 2, -0.0098877 / 2);
    }
  }

  /**
   * Rows 5, 2 and 3 of the golden product of two matrices, as a part of a fused weight has them.
   */
  @Nested
  class OnSomeOfItsRows extends DeltaContract {
    @Override
    protected TensorFile tensors() {
      return with(with(file("w1", 5, 2, 2, 2), "w2_a", 3, 5, 3, 1), "w2_b", 9, 6, 1, 2);
    }

    @Override
    protected Delta delta(StateDict source) {
      var whole = new KroneckerDelta(whole(source, "w1"), pair(source, "w2"), 0.5);
      return new PartialDelta(whole, List.of(new Rows.Run(5, 1), new Rows.Run(2, 2)));
    }

    @Override
    protected Expected expected() {
      return new Expected(
          -0.0128173828125, -0.027099609375, -0.0029296875, 0.01025390625, 0.005859375);
    }
  }

  @Test
  void takesTheMemoryOfItsSidesAndNotOfTheProduct() {
    TensorFile file = with(file("w1", 5, 2, 8, 8), "w2", 7, 3, 40, 40);
    Path path = file.write(folder.resolve("sides.safetensors"));
    try (StateDict source = SafetensorsFile.open(path)) {
      Delta delta = new KroneckerDelta(whole(source, "w1"), whole(source, "w2"), 1);
      assertThat(delta.outputs() * delta.inputs()).isEqualTo(320 * 320);
      assertThat(delta.loadedBytes()).isEqualTo(4 * (64 + 1600));
    }
  }
}
