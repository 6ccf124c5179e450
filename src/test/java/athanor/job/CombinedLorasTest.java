package athanor.job;

import static athanor.testkit.Sample.UNET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.merge.method.mix.Dare;
import athanor.merge.method.mix.Normalization;
import athanor.merge.method.mix.SignElection;
import athanor.merge.method.mix.Slerp;
import athanor.merge.method.mix.Ties;
import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several LoRAs into a checkpoint by a method on their true deltas. */
class CombinedLorasTest {
  private static final String MODULE =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String KEY =
      UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
  private static final int SIDE = 320;

  @TempDir private Path folder;
  private final Gen gen = Gen.seeded("combined LoRAs");
  private Path base;

  @BeforeEach
  void writeBase() {
    base =
        new TensorFile()
            .random(Sample.corner(DType.F32), 1, gen)
            .write(folder.resolve("base.safetensors"));
  }

  private Path out() {
    return folder.resolve("out.safetensors");
  }

  private TensorFile pair() {
    return Sample.pair(new TensorFile(), MODULE, SIDE, 2, SIDE, DType.F32, gen);
  }

  private double[] delta(Path lora) {
    float[] up = TensorFile.floats(lora, MODULE + ".lora_up.weight");
    float[] down = TensorFile.floats(lora, MODULE + ".lora_down.weight");
    double[] delta = new double[SIDE * SIDE];
    for (int i = 0; i < delta.length; i++) {
      int row = i / SIDE;
      int column = i % SIDE;
      delta[i] =
          (double) up[2 * row] * down[column] + (double) up[2 * row + 1] * down[SIDE + column];
    }
    return delta;
  }

  private static double threshold(double[] delta, double density) {
    double[] sizes = Arrays.stream(delta).map(Math::abs).sorted().toArray();
    return sizes[sizes.length - (int) (density * sizes.length)];
  }

  @Test
  void tiesTakesTheLargestThatAgree() {
    Path one = pair().write(folder.resolve("one.safetensors"));
    Path two = pair().write(folder.resolve("two.safetensors"));
    Merging.of(base, new LoraInput(one, 0.5), new LoraInput(two, 1))
        .method(new Ties(0.3, SignElection.TOTAL, Normalization.COUNT))
        .into(out());

    double[] first = delta(one);
    double[] second = delta(two);
    double leastOfFirst = threshold(first, 0.3);
    double leastOfSecond = threshold(second, 0.3);
    float[] before = TensorFile.floats(base, KEY);
    float[] after = TensorFile.floats(out(), KEY);
    int compared = 0;
    for (int i = 0; i < after.length; i++) {
      boolean clear =
          Math.abs(Math.abs(first[i]) - leastOfFirst) > 1e-6
              && Math.abs(Math.abs(second[i]) - leastOfSecond) > 1e-6;
      double a = Math.abs(first[i]) >= leastOfFirst ? 0.5 * first[i] : 0;
      double b = Math.abs(second[i]) >= leastOfSecond ? second[i] : 0;
      double expected = a * b < 0 ? (a + b >= 0 ? Math.max(a, b) : Math.min(a, b)) : a + b;
      double divided = a * b > 0 ? expected / 2 : expected;
      if (clear) {
        compared++;
        assertThat((double) after[i]).isCloseTo(before[i] + divided, within(1e-6));
      }
    }
    assertThat(compared).isGreaterThan(after.length * 9 / 10);
  }

  @Test
  void dareIsTheSameForAnyNumberOfThreads() {
    Path one = pair().write(folder.resolve("one.safetensors"));
    Path two = pair().write(folder.resolve("two.safetensors"));
    var method = new Dare(0.5, 3, SignElection.TOTAL, Normalization.NONE);
    Path other = folder.resolve("other.safetensors");
    for (int threads : new int[] {1, 4}) {
      Merging.of(base, new LoraInput(one, 1), new LoraInput(two, 1))
          .method(method)
          .threads(threads)
          .into(threads == 1 ? out() : other);
    }
    assertThat(TensorFile.allBytes(other).get(KEY)).isEqualTo(TensorFile.allBytes(out()).get(KEY));
    assertThat(TensorFile.allBytes(other).get(KEY))
        .isNotEqualTo(TensorFile.allBytes(base).get(KEY));
  }

  @Test
  void aLoraThatDependsOnTheWeightIsRefusedByName() {
    Path dora =
        pair()
            .random(MODULE + ".dora_scale", DType.F32, Shape.of(SIDE, 1), 1, gen)
            .write(folder.resolve("dora.safetensors"));
    Problem problem =
        Merging.of(base, new LoraInput(dora, 1))
            .method(new Ties(0.5, SignElection.TOTAL, Normalization.COUNT))
            .failureInto(out());
    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.line()).contains("dora.safetensors", "depends on the weight", "ties");
  }

  @Test
  void aMethodForCheckpointsDoesNotTakeLoras() {
    Path one = pair().write(folder.resolve("one.safetensors"));
    Problem problem =
        Merging.of(base, new LoraInput(one, 1)).method(new Slerp()).failureInto(out());
    assertThat(problem.kind()).isEqualTo(Kind.USAGE);
    assertThat(problem.line()).contains("method slerp", "0 of --mix", "1 LoRAs");
  }
}
