package athanor.job;

import static athanor.testkit.Sample.TEXT;
import static athanor.testkit.Sample.UNET;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.merge.plan.Precision;
import athanor.recipe.LoraInput;
import athanor.recipe.arguments.LoraArguments;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Delta64;
import athanor.testkit.Gen;
import athanor.testkit.Known;
import athanor.testkit.LoraMerging;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights of parts where the result is a LoRA: they are in its factors. */
class WeightedLoraMergeTest {
  private static final String ATTN = "_transformer_blocks_0_attn1_to_q";
  private static final String TEXT_MODULE = "lora_te_text_model_encoder_layers_0_mlp_fc1";
  private static final String IN01 = "lora_unet_down_blocks_0_attentions_0" + ATTN;
  private static final String MID = "lora_unet_mid_block_attentions_0" + ATTN;
  private static final String OUT11 = "lora_unet_up_blocks_3_attentions_2" + ATTN;

  @TempDir private Path folder;
  private final Gen gen = Gen.seeded("weighted LoRA + LoRA");
  private Path one;
  private Path other;

  @BeforeEach
  void makeTheLoras() {
    one = lora("one", 3, 2);
    other = lora("other", 5, 4);
  }

  private Path lora(String name, int rank, float alpha) {
    TensorFile file = new TensorFile();
    Sample.pair(file, TEXT_MODULE, 3072, rank, 768, DType.F16, gen);
    Sample.pair(file, IN01, 320, rank, 320, DType.F16, gen);
    Sample.pair(file, MID, 1280, rank, 1280, DType.F16, gen);
    Sample.pair(file, OUT11, 320, rank, 320, DType.F16, gen);
    return file.put(MID + ".alpha", DType.F16, Shape.of(), alpha).write(out(name));
  }

  private Path out(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private static LoraInput input(Path lora, String weights) {
    return LoraArguments.parse(lora + weights).located(lora);
  }

  /** Seventeen weights: 1 but for those of the slots given. */
  private static String lbw(Map<Integer, Double> weights) {
    return IntStream.range(0, 17)
        .mapToObj(slot -> Double.toString(weights.getOrDefault(slot, 1.0)))
        .collect(Collectors.joining(","));
  }

  /** Asserts that a merge has these multiples of the update of a file, module by module. */
  private static void assertMultiples(Path merged, Path of, Map<String, Double> factors) {
    Map<String, double[]> before = Delta64.of(of);
    Map<String, double[]> after = Delta64.of(merged);
    assertThat(after.keySet()).isEqualTo(factors.keySet());
    factors.forEach((module, factor) -> {
      double[] expected = Arrays.stream(before.get(module)).map(v -> v * factor).toArray();
      assertThat(Delta64.distance(after.get(module), expected))
          .as(module)
          .isLessThan(1e-6 * Delta64.norm(expected));
    });
  }

  private Path merged(String name, LoraInput... inputs) {
    Path path = out(name);
    LoraMerging.of(inputs).saved(Precision.FLOAT).into(path);
    return path;
  }

  @Test
  void theTextEncoderGetsItsOwnRatio() {
    assertMultiples(
        merged("te", input(one, "@0.6,te=-0.3")),
        one,
        Map.of(TEXT_MODULE, -0.3, IN01, 0.6, MID, 0.6, OUT11, 0.6));
  }

  @Test
  void blocksGetTheirWeightsAndBaseMultipliesTheTextEncodersRatio() {
    String weights = lbw(Map.of(0, 0.5, 1, 2.0, 7, -1.0, 16, 0.25));
    assertMultiples(
        merged("lbw", input(one, "@0.8,te=0.4,lbw=" + weights)),
        one,
        Map.of(TEXT_MODULE, 0.2, IN01, 1.6, MID, -0.8, OUT11, 0.2));
  }

  @Test
  void aModuleWhoseWeightIsZeroIsNotInTheResult() {
    assertMultiples(merged("outall", input(one, "@0.5,te=0,lbw=OUTALL")), one, Map.of(OUT11, 0.5));
  }

  @Test
  void filtersLeaveModulesOut() {
    assertMultiples(
        merged("only", input(one, "@2,only=attn1,skip=mid_block")),
        one,
        Map.of(IN01, 2.0, OUT11, 2.0));
  }

  @Test
  void eachLoraHasItsOwnWeightsInASumToALowerRankToo() {
    LoraInput[] inputs = {input(one, "@0.5,te=1"), input(other, "@-1,skip=mlp_fc1")};
    Path exact = merged("exact", inputs);
    LoraMerging.of(inputs).rank(8).saved(Precision.FLOAT).into(out("svd"));
    Map<String, double[]> first = Delta64.of(one);
    Map<String, double[]> second = Delta64.of(other);
    Map<String, double[]> reduced = Delta64.of(out("svd"));
    Delta64.of(exact)
        .forEach((module, found) -> {
          boolean text = module.equals(TEXT_MODULE);
          double[] expected = new double[found.length];
          for (int i = 0; i < found.length; i++) {
            expected[i] =
                text ? first.get(module)[i] : 0.5 * first.get(module)[i] - second.get(module)[i];
          }
          double norm = Delta64.norm(expected);
          assertThat(Delta64.distance(found, expected)).as(module).isLessThan(1e-6 * norm);
          assertThat(Delta64.distance(reduced.get(module), expected))
              .as(module)
              .isLessThan(1e-5 * norm);
        });
  }

  @Test
  void givesTheSameCheckpointAsMergingTheWeightedLorasThemselves() {
    Path base =
        new TensorFile()
            .random(
                Sample.cutting(
                    Known.SD1,
                    DType.F32,
                    UNET + "input_blocks.0.",
                    UNET + "input_blocks.1.1.",
                    UNET + "middle_block.1.transformer_blocks.0.attn1.to_q.",
                    UNET + "output_blocks.11.1.transformer_blocks.0.attn1.to_q.",
                    TEXT + "encoder.layers.0.mlp."),
                0.05,
                gen)
            .write(out("base"));
    String weights = lbw(Map.of(0, randomWeight(), 1, randomWeight(), 16, randomWeight()));
    LoraInput[] inputs = {
      input(one, "@0.75,te=" + weight() + ",lbw=" + weights),
      input(other, "@" + weight() + ",skip=mid_block")
    };
    Path both = merged("both", inputs);
    Merging.of(base, inputs).into(out("direct"));
    Merging.of(base, new LoraInput(both, 1)).into(out("by-lora"));
    for (String key : TensorFile.allBytes(base).keySet()) {
      if (key.endsWith("position_ids")) {
        continue;
      }
      float[] direct = TensorFile.floats(out("direct"), key);
      float[] byLora = TensorFile.floats(out("by-lora"), key);
      double scale = 1;
      for (int i = 0; i < direct.length; i++) {
        scale = Math.max(scale, Math.abs(direct[i]));
      }
      for (int i = 0; i < direct.length; i++) {
        assertThat(Math.abs(direct[i] - byLora[i])).as(key).isLessThan((float) (2e-6 * scale));
      }
    }
    assertThat(TensorFile.floats(out("direct"), UNET + "middle_block.1" + key(ATTN)))
        .isNotEqualTo(TensorFile.floats(base, UNET + "middle_block.1" + key(ATTN)));
  }

  private static String key(String module) {
    return module
            .replace("_transformer_blocks_0_", ".transformer_blocks.0.")
            .replace("attn1_", "attn1.")
        + ".weight";
  }

  private double randomWeight() {
    return Double.parseDouble(weight());
  }

  private String weight() {
    return String.format(Locale.ROOT, "%.3f", 0.25 + 1.5 * gen.gaussians(1, 0.5)[0]);
  }

  @Test
  void kohyasMethodTakesOneRatioAndNamesTheLoraThatHasMore() {
    Problem problem =
        LoraMerging.of(input(one, "@0.5,te=0.2"), input(one, ""))
            .kohya(false)
            .failureInto(out("k"));
    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.line()).contains("one.safetensors");
    assertThat(problem.help().orElseThrow()).contains("leave out --method kohya");
    assertThat(out("k")).doesNotExist();
  }
}
