package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.adapter.AdapterFormatContract;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The golden vectors for BOFT, computed in float64 with LyCORIS. */
class BoftTest extends AdapterFormatContract {
  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(f -> f.label().equals("BOFT")).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile blocks(float[] values, long... shape) {
    return new TensorFile().put(MODULE + ".oft_blocks", DType.F32, Shape.of(shape), values);
  }

  private static TensorFile blocks() {
    return blocks(g(5, 2, 64), 2, 2, 4, 4);
  }

  @Override
  protected TensorFile module() {
    float[] factors = g(7, 3, 8);
    for (int i = 0; i < factors.length; i++) {
      factors[i] += 1;
    }
    return blocks().put(MODULE + ".rescale", DType.F32, Shape.of(8, 1), factors);
  }

  @Override
  protected Shape shape() {
    return Shape.of(8, 4);
  }

  @Override
  protected Expected expected() {
    return new Expected(3.03662233, 56.28297428, -0.0010654, -0.24008347, 0.21016404);
  }

  @Override
  protected List<Part> required() {
    return List.of(Oft.BLOCKS);
  }

  @Test
  void rotatesWithoutFactors() {
    Golden.assertSums(
        merged(blocks(), shape(), 1),
        3.21363333,
        62.97779595,
        -0.00154968,
        -0.34921233,
        0.30569314);
  }

  /** Blocks of 10 in three stages over 40 outputs and more, against the definition in float64. */
  @Test
  void blocksNeedNotBePowersOfTwo() {
    for (int[] sizes : new int[][] {{3, 4, 10}, {1, 3, 6}, {2, 6, 2}, {3, 8, 20}}) {
      Gen gen = Gen.seeded("BOFT");
      int stages = sizes[0];
      int count = sizes[1];
      int size = sizes[2];
      int outputs = count * size;
      float[] values = gen.gaussians(stages * count * size * size, 0.04);
      float[] result =
          merged(blocks(values, stages, count, size, size), Shape.of(outputs, 3, 3, 3), 1);
      double[] expected = reference(values, stages, count, size, 27);
      for (int i = 0; i < result.length; i++) {
        assertThat((double) result[i])
            .as("seed %d, %s, value %d", gen.seed(), List.of(stages, count, size), i)
            .isCloseTo(expected[i], within(1e-5));
      }
    }
  }

  /** LyCORIS's definition: rows (c, 2, k) become (c, k, 2), blocks of them are turned, and back. */
  private static double[] reference(float[] blocks, int stages, int count, int size, int width) {
    int outputs = count * size;
    double[] weight = new double[outputs * width];
    float[] before = g(3, 1, outputs * width);
    for (int i = 0; i < before.length; i++) {
      weight[i] = before[i];
    }
    for (int stage = 0; stage < stages; stage++) {
      int k = (1 << stage) * size / 2;
      int[] origin = new int[outputs];
      for (int row = 0; row < outputs; row++) {
        int c = row / (2 * k);
        int g = row % (2 * k) / k;
        origin[c * 2 * k + row % k * 2 + g] = row;
      }
      double[] after = new double[weight.length];
      for (int block = 0; block < count; block++) {
        double[][] rotation = cayley(blocks, (stage * count + block) * size * size, size);
        for (int i = 0; i < size; i++) {
          for (int j = 0; j < size; j++) {
            for (int column = 0; column < width; column++) {
              after[origin[block * size + i] * width + column] +=
                  rotation[i][j] * weight[origin[block * size + j] * width + column];
            }
          }
        }
      }
      weight = after;
    }
    return weight;
  }

  /** (I + Q)(I − Q)⁻¹ with Q = B − Bᵀ small enough for its series. */
  private static double[][] cayley(float[] blocks, int at, int size) {
    double[][] rotation = new double[size][size];
    double[][] power = new double[size][size];
    for (int i = 0; i < size; i++) {
      rotation[i][i] = 1;
      power[i][i] = 1;
    }
    for (int term = 0; term < 300; term++) {
      double[][] next = new double[size][size];
      for (int i = 0; i < size; i++) {
        for (int k = 0; k < size; k++) {
          for (int j = 0; j < size; j++) {
            double q = (double) blocks[at + k * size + j] - blocks[at + j * size + k];
            next[i][j] += power[i][k] * q;
          }
        }
      }
      power = next;
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          rotation[i][j] += 2 * power[i][j];
        }
      }
    }
    return rotation;
  }

  @Test
  void blocksThatCannotBePairedAreBroken() {
    assertProblem(blocks(g(5, 2, 2 * 3 * 16), 2, 3, 4, 4), "cannot be paired");
    assertProblem(blocks(g(5, 2, 2 * 2 * 9), 2, 2, 3, 3), "cannot be paired");
    assertProblem(blocks(g(5, 2, 40 * 4), 40, 1, 2, 2), "cannot be paired");
  }

  @Test
  void blocksThatAreNotSquareAreBroken() {
    assertProblem(blocks(g(5, 2, 2 * 2 * 8), 2, 2, 4, 2), "not square");
    assertProblem(blocks(new float[0], 0, 2, 4, 4), "no values");
  }

  private void assertProblem(TensorFile file, String what) {
    problemOf(
        file, problem -> assertThat(problem.map(Problem::what).orElse("none")).contains(what));
  }
}
