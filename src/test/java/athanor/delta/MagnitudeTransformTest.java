package athanor.delta;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.ChangedWeight;
import athanor.testkit.Gen;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MagnitudeTransformTest {
  @TempDir private Path folder;

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
      return new TensorFile()
          .put("x", DType.F32, Shape.of(count), g(5, 2, count))
          .put("diff", DType.F32, shape(), g(7, 3, 216));
    }

    @Override
    protected RowTransform transform(StateDict source) {
      Delta difference = DenseDelta.of(source, source.find("diff").orElseThrow(), 0.5);
      return new MagnitudeTransform(
          source,
          source.find("x").orElseThrow(),
          side,
          List.of(new Change.Add(difference, Placement.whole("w", shape()))));
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

  /** Any shapes, kernels, slices and orders of rows, against float64. */
  @Test
  void everyOutputOrInputGetsItsLength() {
    Gen gen = Gen.seeded("magnitudes");
    for (int round = 0; round < 40; round++) {
      int kernel = gen.oneOf(1, 1, 2, 3);
      Shape shape = Shape.of(gen.between(2, 300), gen.between(1, 90), kernel, gen.oneOf(1, kernel));
      Side side = gen.oneOf(Side.OUTPUTS, Side.INPUTS);
      check(gen, shape, side, gen.coin() ? 1 : -0.5);
    }
  }

  private void check(Gen gen, Shape shape, Side side, double strength) {
    int rows = Math.toIntExact(shape.rows());
    int width = Math.toIntExact(shape.columns());
    int cut = gen.between(1, rows - 1);
    Rows part =
        gen.coin()
            ? Rows.whole("w", rows)
            : new Rows(
                "w",
                List.of(new Rows.Run(cut, rows - cut), new Rows.Run(0, gen.between(1, cut))),
                rows);
    long[] dims = shape.dims();
    dims[0] = part.count();
    Placement place = new Placement(part, Shape.of(dims), false);
    int inputs = Math.toIntExact(shape.dim(1));
    float[] weight = gen.gaussians(rows * width, 0.5);
    int count = Math.toIntExact(side.length(place.shape()));
    float[] lengths = gen.gaussians(count, 1);
    float[] difference = gen.gaussians(place.outputs() * width, 0.5);
    Path path =
        new TensorFile()
            .put("m", DType.F32, Shape.of(count), lengths)
            .put("diff", DType.F32, place.shape(), difference)
            .write(folder.resolve("magnitudes.safetensors"));
    float[] result;
    try (StateDict source = SafetensorsFile.open(path)) {
      Delta delta = DenseDelta.of(source, source.find("diff").orElseThrow(), 0.7);
      var transform =
          new MagnitudeTransform(
              source, source.find("m").orElseThrow(), side, List.of(new Change.Add(delta, place)));
      result =
          ChangedWeight.of(
              folder,
              "w",
              shape,
              weight,
              List.of(new Change.Transform(transform, place, strength)));
    }
    List<Integer> order = new ArrayList<>();
    for (Rows.Run run : part.runs()) {
      for (long row = run.first(); row < run.end(); row++) {
        order.add((int) row);
      }
    }
    double[] squares = new double[count];
    double[][] total = new double[order.size()][width];
    for (int i = 0; i < order.size(); i++) {
      for (int column = 0; column < width; column++) {
        total[i][column] =
            weight[order.get(i) * width + column] + 0.7 * difference[i * width + column];
        int at = side == Side.OUTPUTS ? i : column / (width / inputs);
        squares[at] += total[i][column] * total[i][column];
      }
    }
    for (int i = 0; i < order.size(); i++) {
      for (int column = 0; column < width; column++) {
        int at = side == Side.OUTPUTS ? i : column / (width / inputs);
        double before = weight[order.get(i) * width + column];
        double full = lengths[at] * total[i][column] / Math.sqrt(squares[at]);
        assertThat((double) result[order.get(i) * width + column])
            .as("seed %d, row %d, column %d of %s, %s", gen.seed(), i, column, shape, side)
            .isCloseTo(before + strength * (full - before), within(2e-6));
      }
    }
  }

  @Test
  void rowsAndColumnsWithoutDirectionStay() {
    float[] weight = g(3, 1, 24);
    float[] difference = new float[24];
    for (int i = 0; i < 4; i++) {
      difference[2 * 4 + i] = -weight[2 * 4 + i];
    }
    assertThat(rowOf(2, withLengths(Side.OUTPUTS, 6, weight, difference)))
        .containsExactly(rowOf(2, weight));
    float[] noFirstInput = new float[24];
    for (int row = 0; row < 6; row++) {
      noFirstInput[row * 4] = -weight[row * 4];
    }
    float[] result = withLengths(Side.INPUTS, 4, weight, noFirstInput);
    for (int row = 0; row < 6; row++) {
      assertThat(result[row * 4]).isEqualTo(weight[row * 4]);
      assertThat(result[row * 4 + 1]).isNotEqualTo(weight[row * 4 + 1]);
    }
  }

  private static float[] rowOf(int row, float[] values) {
    return java.util.Arrays.copyOfRange(values, row * 4, row * 4 + 4);
  }

  private float[] withLengths(Side side, int count, float[] weight, float[] difference) {
    Path path =
        new TensorFile()
            .put("m", DType.F32, Shape.of(count), g(5, 3, count))
            .put("diff", DType.F32, Shape.of(6, 4), difference)
            .write(folder.resolve("still.safetensors"));
    try (StateDict source = SafetensorsFile.open(path)) {
      Placement place = Placement.whole("w", Shape.of(6, 4));
      Delta delta = DenseDelta.of(source, source.find("diff").orElseThrow(), 1);
      var transform =
          new MagnitudeTransform(
              source, source.find("m").orElseThrow(), side, List.of(new Change.Add(delta, place)));
      return ChangedWeight.of(
          folder, "w", Shape.of(6, 4), weight, List.of(new Change.Transform(transform, place)));
    }
  }
}
