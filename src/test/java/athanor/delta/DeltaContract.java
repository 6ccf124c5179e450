package athanor.delta;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.kernel.Kernels;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link Delta} keeps to. A new one extends this with a file of the golden vectors and
 * the sums that they must give.
 */
public abstract class DeltaContract {
  protected static final Kernels KERNELS = Kernels.create();
  private static final float GARBAGE = 12345;

  @TempDir private Path folder;
  private StateDict source;
  private Delta delta;

  /** What a delta must come to, its scale included. */
  public record Expected(
      double sum, double weightedSum, double first, double second, double third) {}

  /** A file with the tensors of the delta. */
  protected abstract TensorFile tensors();

  /** The delta that they make, with a scale that is not 1. */
  protected abstract Delta delta(StateDict source);

  /** What scale · ΔW is, computed by somebody else. */
  protected abstract Expected expected();

  @BeforeEach
  void open() {
    source = SafetensorsFile.open(tensors().write(folder.resolve("delta.safetensors")));
    delta = delta(source);
  }

  @AfterEach
  void close() {
    source.close();
  }

  private float[] all(Arithmetic arithmetic) {
    float[] values = new float[Math.toIntExact(delta.outputs() * delta.inputs())];
    delta.load(arithmetic).rows(0, Math.toIntExact(delta.outputs()), values);
    return values;
  }

  private static Arithmetic full() {
    return Arithmetic.float32(KERNELS);
  }

  @Test
  void comesToTheGoldenValues() {
    float[] values = all(full());
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) delta.scale();
    }
    Golden.assertSums(
        values,
        expected().sum(),
        expected().weightedSum(),
        expected().first(),
        expected().second(),
        expected().third());
  }

  @Test
  void aRowIsTheSameHoweverTheRowsAreDivided() {
    float[] whole = all(full());
    int width = Math.toIntExact(delta.inputs());
    LoadedDelta loaded = delta.load(full());
    for (int height : new int[] {1, 2, 3}) {
      for (int from = 0; from < delta.outputs(); from += height) {
        int to = Math.min(from + height, Math.toIntExact(delta.outputs()));
        float[] piece = new float[(to - from) * width + 2];
        Arrays.fill(piece, GARBAGE);
        loaded.rows(from, to, piece);
        assertThat(Arrays.copyOf(piece, (to - from) * width))
            .containsExactly(Arrays.copyOfRange(whole, from * width, to * width));
        assertThat(piece[piece.length - 1]).as("after the rows").isEqualTo(GARBAGE);
      }
    }
  }

  @Test
  void addsToAWiderMatrixAndLeavesTheRestAlone() {
    int width = Math.toIntExact(delta.inputs());
    int stride = width + 3;
    float[] total = new float[Math.toIntExact(delta.outputs()) * stride];
    Arrays.fill(total, 0.25f);
    delta.addTo(total, stride, 0.5f, full());
    float[] values = all(full());
    for (int row = 0; row < delta.outputs(); row++) {
      for (int column = 0; column < stride; column++) {
        float wanted = column < width ? Math.fma(0.5f, values[row * width + column], 0.25f) : 0.25f;
        assertThat(total[row * stride + column]).isEqualTo(wanted);
      }
    }
  }

  /** Float32 products of other shapes round differently, by little. */
  @Test
  void itsFactorsGiveTheSameMatrix() {
    for (LowRank form : delta.asLowRank().stream().toList()) {
      LowRankFactors factors = form.factors(full());
      int rank = form.rank();
      assertThat(factors.rank()).isEqualTo(rank);
      assertThat(factors.up()).hasSize(Math.toIntExact(delta.outputs() * rank));
      assertThat(factors.down()).hasSize(Math.toIntExact(delta.inputs() * rank));
      float[] values = all(full());
      int width = Math.toIntExact(delta.inputs());
      for (int i = 0; i < values.length; i++) {
        double product = 0;
        for (int k = 0; k < rank; k++) {
          product +=
              (double) factors.up()[i / width * rank + k] * factors.down()[k * width + i % width];
        }
        assertThat((double) values[i])
            .isCloseTo(product, org.assertj.core.api.Assertions.within(1e-6));
      }
    }
  }

  @Test
  void roundsItsFactorsToTheWantedPrecision() {
    float[] half = all(new Arithmetic(KERNELS, DType.F16));
    float[] whole = all(full());
    for (int i = 0; i < half.length; i++) {
      assertThat((double) half[i])
          .isCloseTo(whole[i], org.assertj.core.api.Assertions.within(2e-3));
    }
  }

  @Test
  void saysWhatItTakesInMemory() {
    assertThat(delta.loadedBytes()).isPositive();
  }
}
