package athanor.adapter;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.kernel.Kernels;
import athanor.model.Block;
import athanor.model.Component;
import athanor.model.Target;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The golden vectors for plain LoRA, LoCon and Tucker, computed in float64 with PyTorch. */
class LowRankDeltaTest {
  private static final Kernels KERNELS = Kernels.create();

  @TempDir private Path folder;

  @Test
  void linearPairHasTheGoldenDelta() {
    float[] delta =
        delta(
            new TensorFile()
                .put("up", DType.F32, Shape.of(6, 2), g(5, 2, 12))
                .put("down", DType.F32, Shape.of(2, 4), g(7, 3, 8)),
            Shape.of(6, 4),
            4,
            0.5,
            false);
    assertGolden(delta, 0.15234375, 2.29296875, 0.046875, -0.015625, 0.08789062);
  }

  @Test
  void threeByThreeConvolutionHasTheGoldenDelta() {
    float[] delta =
        delta(
            new TensorFile()
                .put("up", DType.F16, Shape.of(6, 2, 1, 1), g(5, 2, 12))
                .put("down", DType.F16, Shape.of(2, 4, 3, 3), g(7, 3, 72)),
            Shape.of(6, 4, 3, 3),
            36,
            1,
            false);
    assertGolden(delta, 0.375, 19.97265625, 0.1484375, -0.04296875, 0.1640625);
  }

  @Test
  void tuckerCoreIsFoldedIntoTheGoldenDelta() {
    float[] delta =
        delta(
            new TensorFile()
                .put("up", DType.BF16, Shape.of(6, 2), g(5, 2, 12))
                .put("mid", DType.BF16, Shape.of(2, 2, 3, 3), g(11, 4, 36))
                .put("down", DType.BF16, Shape.of(2, 4, 1, 1), g(7, 3, 8)),
            Shape.of(6, 4, 3, 3),
            36,
            1,
            false);
    assertGolden(delta, 0.05761719, 4.96264648, 0.03491211, 0.02026367, 0.03051758);
  }

  @Test
  void transposedTargetReceivesTheTransposedDelta() {
    TensorFile file =
        new TensorFile()
            .put("up", DType.F32, Shape.of(6, 2), g(5, 2, 12))
            .put("down", DType.F32, Shape.of(2, 4), g(7, 3, 8));
    float[] straight = delta(file, Shape.of(6, 4), 4, 1, false);
    float[] turned = delta(file, Shape.of(4, 6), 6, 1, true);
    assertThat(turned).containsExactly(Transposed.of(straight, 6, 4));
  }

  private float[] delta(
      TensorFile file, Shape target, int columns, double scale, boolean transposed) {
    Path path = file.write(folder.resolve("pair.safetensors"));
    try (StateDict source = SafetensorsFile.open(path)) {
      LowRankDelta delta =
          new LowRankDelta(
              source,
              "module",
              target(target, transposed),
              columns,
              scale,
              source.find("up").orElseThrow(),
              source.find("down").orElseThrow(),
              source.find("mid"));
      LowRankFactors factors = delta.load(KERNELS);
      int rows = (int) target.rows();
      float[] result = new float[rows * columns];
      for (int i = 0; i < factors.up().length; i++) {
        factors.up()[i] *= (float) scale;
      }
      KERNELS.multiplyAdd(
          rows,
          factors.up(),
          0,
          factors.rank(),
          KERNELS.pack(factors.rank(), columns, factors.down(), 0, columns),
          result,
          0,
          columns);
      return result;
    }
  }

  private static Target target(Shape shape, boolean transposed) {
    return new Target(
        Rows.whole("weight", shape.rows()),
        shape,
        transposed,
        Optional.empty(),
        Component.UNET,
        Block.BASE,
        "lora_unet_module",
        "unet.module");
  }

  private static void assertGolden(
      float[] delta, double sum, double weighted, double first, double second, double third) {
    assertThat(Golden.sum(delta)).isCloseTo(sum, within(1e-5));
    assertThat(Golden.weightedSum(delta)).isCloseTo(weighted, within(1e-4));
    assertThat((double) delta[0]).isCloseTo(first, within(1e-7));
    assertThat((double) delta[1]).isCloseTo(second, within(1e-7));
    assertThat((double) delta[2]).isCloseTo(third, within(1e-7));
  }
}
