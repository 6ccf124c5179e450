package athanor.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.delta.Change;
import athanor.delta.Delta;
import athanor.delta.DenseDelta;
import athanor.delta.HadamardDelta;
import athanor.delta.LowRankDelta;
import athanor.delta.Placement;
import athanor.kernel.Kernels;
import athanor.model.Component;
import athanor.model.block.BlockScheme;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.Gen;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figures beside sums over whole matrices in float64. */
class MeasuringTest {
  private static final int OUT = 24;
  private static final int IN = 27; // a 3 × 3 convolution of three channels
  private static final Kernels KERNELS = Kernels.create();

  @TempDir Path folder;
  private final TensorFile tensors = new TensorFile();
  private final Gen gen = Gen.fixed(7);
  private final List<double[]> matrices = new ArrayList<>();
  private final List<Meeting.Part> parts = new ArrayList<>();
  private StateDict source;

  @BeforeEach
  void write() {
    pair("a", 4);
    pair("b", 6);
    pair("c", 3);
    pair("d", 3);
    tensors.random("full", DType.F32, Shape.of(OUT, IN), 1, gen);
    source = SafetensorsFile.open(tensors.write(folder.resolve("factors.safetensors")));
  }

  @AfterEach
  void close() {
    source.close();
  }

  private void pair(String name, int rank) {
    tensors.random(name + ".up", DType.F32, Shape.of(OUT, rank), 1, gen);
    tensors.random(name + ".down", DType.F32, Shape.of(rank, 3, 3, 3), 1, gen);
  }

  private LowRankDelta lowRank(String name, double scale) {
    return new LowRankDelta(
        source,
        source.find(name + ".up").orElseThrow(),
        source.find(name + ".down").orElseThrow(),
        Optional.empty(),
        scale);
  }

  private double[] product(String name) {
    float[] up = floats(name + ".up");
    float[] down = floats(name + ".down");
    int rank = up.length / OUT;
    double[] values = new double[OUT * IN];
    for (int i = 0; i < OUT; i++) {
      for (int j = 0; j < IN; j++) {
        for (int k = 0; k < rank; k++) {
          values[i * IN + j] += (double) up[i * rank + k] * down[k * IN + j];
        }
      }
    }
    return values;
  }

  private float[] floats(String key) {
    return athanor.delta.Arithmetic.float32(KERNELS).read(source, source.find(key).orElseThrow());
  }

  private void add(int lora, Delta delta, double[] values, Placement place, double ratio) {
    parts.add(new Meeting.Part(lora, new Change.Add(delta, place), ratio));
    matrices.add(Arrays.stream(values).map(value -> value * delta.scale()).toArray());
  }

  private static Placement whole() {
    return Placement.whole("w", Shape.of(OUT, 3, 3, 3));
  }

  private Measurement measured() {
    return Measuring.with(KERNELS)
        .measure(
            new Meeting("w", Component.UNET, BlockScheme.named("unet").blocks().getFirst(), parts));
  }

  private static double dot(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += one[i] * other[i];
    }
    return sum;
  }

  @Test
  void innerProductsOfEveryKindOfMatrixEqualThoseOfTheWholeMatrices() {
    add(0, lowRank("a", 0.5), product("a"), whole(), 1);
    add(1, lowRank("b", -2), product("b"), whole(), 0.3);
    double[] loha = product("c");
    double[] second = product("d");
    for (int i = 0; i < loha.length; i++) {
      loha[i] *= second[i];
    }
    add(2, new HadamardDelta(lowRank("c", 1), lowRank("d", 1), OUT, IN, 0.25), loha, whole(), 1);
    float[] stored = floats("full");
    double[] full = new double[stored.length];
    Arrays.setAll(full, i -> stored[i]);
    add(3, DenseDelta.of(source, source.find("full").orElseThrow(), 1), full, whole(), 1);
    Measurement measured = measured();
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        double norms =
            Math.sqrt(
                dot(matrices.get(i), matrices.get(i)) * dot(matrices.get(j), matrices.get(j)));
        assertThat(measured.products()[i][j])
            .isCloseTo(dot(matrices.get(i), matrices.get(j)), within(1e-6 * norms));
      }
    }
    assertThat(measured.overlaps()).hasSize(1);
  }

  @Test
  void spectraEqualTheSingularValuesOfAnotherLibrary() {
    add(0, lowRank("a", 0.5), product("a"), whole(), 1);
    SingularValueDecomposition_F64<DMatrixRMaj> svd =
        DecompositionFactory_DDRM.svd(OUT, IN, false, false, true);
    svd.decompose(new DMatrixRMaj(OUT, IN, true, matrices.getFirst().clone()));
    double[] right = Arrays.copyOf(sorted(svd.getSingularValues()), 4);
    double[] ours = measured().parts().getFirst().spectrum().orElseThrow().energies();
    assertThat(ours).hasSize(4);
    for (int i = 0; i < 4; i++) {
      assertThat(ours[i]).isCloseTo(right[i] * right[i], within(1e-5 * right[0] * right[0]));
    }
  }

  private static double[] sorted(double[] values) {
    double[] sorted = Arrays.stream(values).map(value -> -value).sorted().toArray();
    return Arrays.stream(sorted).map(value -> -value).toArray();
  }

  @Test
  void aPartOfAFusedWeightMeetsOnlyTheRowsItHas() {
    var part = new Placement(Rows.of("w", 8, 8, OUT), Shape.of(8, 3, 3, 3), false);
    tensors.random("e.up", DType.F32, Shape.of(8, 2), 1, gen);
    tensors.random("e.down", DType.F32, Shape.of(2, 3, 3, 3), 1, gen);
    source.close();
    source = SafetensorsFile.open(tensors.write(folder.resolve("more.safetensors")));
    add(0, lowRank("a", 1), product("a"), whole(), 1);
    float[] up = floats("e.up");
    float[] down = floats("e.down");
    double[] placed = new double[OUT * IN];
    for (int i = 0; i < 8; i++) {
      for (int j = 0; j < IN; j++) {
        placed[(8 + i) * IN + j] =
            (double) up[i * 2] * down[j] + (double) up[i * 2 + 1] * down[IN + j];
      }
    }
    add(1, lowRank("e", 1), placed, part, 1);
    double norms =
        Math.sqrt(dot(matrices.get(0), matrices.get(0)) * dot(matrices.get(1), matrices.get(1)));
    assertThat(measured().products()[0][1])
        .isCloseTo(dot(matrices.get(0), matrices.get(1)), within(1e-6 * norms));
  }

  @Test
  void factorsReadAndWriteAsTheyThemselvesDoAndChanceIsWhatRandomOnesHave() {
    add(0, lowRank("a", 1), product("a"), whole(), 1);
    add(1, lowRank("a", -3), product("a"), whole(), 1);
    Overlap overlap = measured().overlaps().getFirst();
    assertThat(overlap.inputs()).isCloseTo(1, within(1e-5));
    assertThat(overlap.outputs()).isCloseTo(1, within(1e-5));
    assertThat(overlap.inputsByChance()).isEqualTo(4.0 / IN);
    assertThat(overlap.outputsByChance()).isEqualTo(4.0 / OUT);
  }
}
