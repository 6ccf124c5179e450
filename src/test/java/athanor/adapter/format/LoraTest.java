package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.adapter.AdapterFormatContract;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoraTest extends AdapterFormatContract {
  @Override
  protected AdapterFormat format() {
    return AdapterFormats.LORA;
  }

  private static TensorFile pair(Shape up, Shape down) {
    return new TensorFile()
        .put(MODULE + ".lora_up.weight", DType.F32, up, g(5, 2, (int) up.elementCount()))
        .put(MODULE + ".lora_down.weight", DType.F32, down, g(7, 3, (int) down.elementCount()));
  }

  /** Of scale ½ · ½. */
  @Override
  protected TensorFile module() {
    return pair(Shape.of(6, 2), Shape.of(2, 4)).put(MODULE + ".alpha", DType.F32, Shape.of(), 0.5f);
  }

  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  /** W + 0.5 · ΔW of alpha 1. */
  @Override
  protected Expected expected() {
    return new Expected(-0.11132812, 5.64648438, -0.4140625, -0.2578125, -0.01855469);
  }

  @Override
  protected List<Part> required() {
    return List.of(Lora.UP, Lora.DOWN);
  }

  @Test
  void anAlphaOfAnyTypeIsAnAlpha() {
    float[] golden = merged(module(), shape(), 1);
    for (DType type : new DType[] {DType.F16, DType.BF16, DType.F64}) {
      TensorFile file =
          pair(Shape.of(6, 2), Shape.of(2, 4)).put(MODULE + ".alpha", type, Shape.of(1), 0.5f);
      assertThat(merged(file, shape(), 1)).containsExactly(golden);
    }
  }

  @Test
  void aScaleGoesBeforeAlpha() {
    TensorFile file = module().put(MODULE + ".scale", DType.F32, Shape.of(), 0f);
    assertThat(merged(file, shape(), 1)).containsExactly(g(3, 1, 24));
  }

  @Test
  void aLinearPairFitsAOneByOneConvolutionAndTheReverse() {
    float[] golden = merged(module(), shape(), 1);
    assertThat(merged(module(), Shape.of(6, 4, 1, 1), 1)).containsExactly(golden);
    TensorFile spatial =
        pair(Shape.of(6, 2, 1, 1), Shape.of(2, 4, 1, 1))
            .put(MODULE + ".alpha", DType.F32, Shape.of(), 0.5f);
    assertThat(merged(spatial, shape(), 1)).containsExactly(golden);
  }

  @Test
  void aConvolutionGivesTheGoldenWeight() {
    float[] weight = merged(pair(Shape.of(6, 2, 1, 1), Shape.of(2, 4, 3, 3)), CONV, 1);
    float[] before = g(3, 1, 216);
    for (int i = 0; i < weight.length; i++) {
      weight[i] -= before[i];
    }
    Golden.assertSums(weight, 0.375, 19.97265625, 0.1484375, -0.04296875, 0.1640625);
  }

  private static final Shape CONV = Shape.of(6, 4, 3, 3);

  private static TensorFile peft(String module, int rank, String config) {
    return new TensorFile()
        .put(module + ".lora_A.weight", DType.F32, Shape.of(rank, 4), g(5, 2, rank * 4))
        .put(module + ".lora_B.weight", DType.F32, Shape.of(6, rank), g(7, 3, 6 * rank))
        .metadata("lora_adapter_metadata", config);
  }

  /** Alpha 2, rank 4: 2 / √4 = 1. */
  @Test
  void rankStabilisedAlphasOfTheMetadataGiveTheGoldenWeight() {
    String fields = "{\"unet.r\":4,\"unet.lora_alpha\":2,\"unet.use_rslora\":true}";
    float[] golden = merged(peft("unet.module", 4, fields), shape(), 1);
    Golden.assertSums(
        golden,
        -0.1875 - 0.2421875,
        4.5 - 3.62890625,
        -0.4375 + 0.08203125,
        -0.25 - 0.15234375,
        -0.0625 + 0.2109375);
    String plain = "{\"lora_alpha\":2,\"use_rslora\":true,\"init_lora_weights\":true}";
    assertThat(merged(peft("base_model.model.module", 4, plain), shape(), 1))
        .containsExactly(golden);
    String pattern =
        "{\"unet.lora_alpha\":9,\"unet.use_rslora\":true,"
            + "\"unet.rank_pattern\":{\"module\":4},\"unet.alpha_pattern\":{\"module\":2}}";
    assertThat(merged(peft("unet.module", 4, pattern), shape(), 1)).containsExactly(golden);
    String ordinary = "{\"unet.lora_alpha\":4,\"unet.use_rslora\":false}";
    assertThat(merged(peft("unet.module", 4, ordinary), shape(), 1)).containsExactly(golden);
  }

  @Test
  void aPairOfAnAlteredBaseIsRefused() {
    assertProblem(
        peft("unet.module", 4, "{\"unet.init_lora_weights\":\"pissa\"}"),
        "this LoRA belongs to a base that was altered before training");
  }

  @Test
  void aBiasBesideThePairGivesTheGoldenBias() {
    TensorFile file =
        new TensorFile()
            .put(MODULE + ".lora_A.weight", DType.F32, Shape.of(2, 4), g(5, 2, 8))
            .put(MODULE + ".lora_B.weight", DType.F32, Shape.of(6, 2), g(3, 5, 12))
            .put(MODULE + ".lora_B.bias", DType.F32, Shape.of(6), g(7, 3, 6))
            .metadata("lora_adapter_metadata", "{\"lora_alpha\":1,\"lora_bias\":true}");
    Golden.assertSums(
        merged(file, shape(), 1),
        -0.1875 + 0.2890625,
        4.5 + 4.05078125,
        -0.4375 + 0.03515625,
        -0.25 + 0.00585938,
        -0.0625 - 0.0234375);
    Golden.assertSums(mergedBias(file, shape()), 0.4375, 4.09375, -0.34375, 0, -0.1875);
  }

  @Test
  void ranksThatDisagreeAreNamed() {
    assertProblem(pair(Shape.of(6, 3), Shape.of(2, 4)), "the ranks of up and down disagree");
  }

  @Test
  void exchangedFactorsAreRecognised() {
    problemOf(
        pair(Shape.of(2, 4), Shape.of(6, 2)),
        problem -> assertThat(problem.orElseThrow().help().orElseThrow()).contains("exchanged"));
  }

  @Test
  void aFactorOfRankNoughtBesideAnotherIsBroken() {
    assertProblem(pair(Shape.of(6, 0), Shape.of(2, 4)), "the pair has rank 0");
    assertProblem(pair(Shape.of(6, 2), Shape.of(0, 4)), "the pair has rank 0");
  }

  @Test
  void aVectorIsNoFactor() {
    assertProblem(pair(Shape.of(6), Shape.of(1, 4)), "a factor is not a matrix");
  }

  @Test
  void aCoreWithoutFactorsIsBroken() {
    assertProblem(
        new TensorFile()
            .put(MODULE + ".lora_mid.weight", DType.F32, Shape.of(2, 2, 3, 3), g(1, 1, 36)),
        "a mid factor without up and down");
  }

  @Test
  void twoSpellingsOfOnePartAreRefused() {
    assertProblem(
        module().put(MODULE + ".lora_A.weight", DType.F32, Shape.of(2, 4), g(7, 3, 8)),
        "two tensors play the same part of this module");
  }

  private void assertProblem(TensorFile file, String what) {
    problemOf(file, problem -> assertThat(problem.map(Problem::what)).isEqualTo(Optional.of(what)));
  }
}
