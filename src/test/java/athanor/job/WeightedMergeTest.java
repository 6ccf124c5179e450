package athanor.job;

import static athanor.testkit.Sample.TEXT;
import static athanor.testkit.Sample.UNET;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.merge.plan.PlannedLora;
import athanor.recipe.LoraInput;
import athanor.recipe.LoraRequest;
import athanor.recipe.arguments.KohyaBlockWeights;
import athanor.recipe.arguments.LoraArguments;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.Known;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Weighted merges equal merges of a LoRA whose modules were scaled by hand, through alpha. Weights
 * and ratios are binary fractions, so that the bytes must be the same.
 */
class WeightedMergeTest {
  private static final String ATTN = "_transformer_blocks_0_attn1_to_q";
  private static final String TEXT_MODULE = "lora_te_text_model_encoder_layers_0_mlp_fc1";
  private static final String DOWNSAMPLER = "lora_unet_down_blocks_0_downsamplers_0_conv";
  private static final int RANK = 2;

  /** Module and key in the order of the 17 weights, then one that these do not name. */
  private static final Map<String, String> SD1_KEYS = new LinkedHashMap<>();

  private static final Map<String, Integer> WIDTHS = new LinkedHashMap<>();

  static {
    SD1_KEYS.put(TEXT_MODULE, TEXT + "encoder.layers.0.mlp.fc1.weight");
    int[] inputs = {1, 2, 4, 5, 7, 8};
    for (int i = 0; i < 6; i++) {
      place("down_blocks_" + i / 2 + "_attentions_" + i % 2, "input_blocks." + inputs[i]);
      WIDTHS.put("lora_unet_down_blocks_" + i / 2 + "_attentions_" + i % 2 + ATTN, 320 << i / 2);
    }
    place("mid_block_attentions_0", "middle_block");
    WIDTHS.put("lora_unet_mid_block_attentions_0" + ATTN, 1280);
    for (int i = 3; i < 12; i++) {
      String block = "up_blocks_" + i / 3 + "_attentions_" + i % 3;
      place(block, "output_blocks." + i);
      WIDTHS.put("lora_unet_" + block + ATTN, 1280 >> i / 3 - 1);
    }
    SD1_KEYS.put(DOWNSAMPLER, UNET + "input_blocks.3.0.op.weight");
  }

  private static void place(String block, String key) {
    SD1_KEYS.put(
        "lora_unet_" + block + ATTN, UNET + key + ".1.transformer_blocks.0.attn1.to_q.weight");
  }

  @TempDir private static Path shared;
  private static Path base;
  private static Path lora;

  @TempDir private Path folder;

  @BeforeAll
  static void makeTheFiles() {
    List<String> prefixes = new ArrayList<>(SD1_KEYS.values());
    prefixes.add(UNET + "input_blocks.0.");
    prefixes.add(UNET + "input_blocks.1.");
    base =
        new TensorFile()
            .random(
                Sample.cutting(Known.SD1, DType.F16, prefixes.toArray(String[]::new)),
                0.05,
                Gen.fixed(1))
            .write(shared.resolve("base.safetensors"));
    lora = scaled(module -> 1).write(shared.resolve("style.safetensors"));
  }

  /** The LoRA with each module scaled through its alpha. */
  private static TensorFile scaled(ToDoubleFunction<String> factor) {
    TensorFile file = new TensorFile();
    Gen gen = Gen.fixed(2);
    for (String module : SD1_KEYS.keySet()) {
      if (module.equals(DOWNSAMPLER)) {
        file.random(module + ".lora_up.weight", DType.F16, Shape.of(320, RANK, 1, 1), 0.1, gen)
            .random(module + ".lora_down.weight", DType.F16, Shape.of(RANK, 320, 3, 3), 0.1, gen);
      } else {
        boolean text = module.equals(TEXT_MODULE);
        int out = text ? 3072 : WIDTHS.get(module);
        Sample.pair(file, module, out, RANK, text ? 768 : out, DType.F16, gen);
      }
      float alpha = (float) (RANK * factor.applyAsDouble(module));
      file.put(module + ".alpha", DType.F32, Shape.of(), alpha);
    }
    return file;
  }

  private Path out(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private LoraRequest request(String weights) {
    return LoraArguments.parse(lora + weights);
  }

  private LoraInput input(String weights) {
    return request(weights).located(lora);
  }

  private static Set<String> changed(Path before, Path after) {
    Map<String, byte[]> old = TensorFile.allBytes(before);
    Set<String> changed = new TreeSet<>();
    TensorFile.allBytes(after)
        .forEach((key, bytes) -> {
          if (!Arrays.equals(bytes, old.get(key))) {
            changed.add(key);
          }
        });
    return changed;
  }

  private static Set<String> keys(String... parts) {
    return SD1_KEYS.values().stream()
        .filter(key -> Arrays.stream(parts).anyMatch(key::contains))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void assertScales(LoraInput weighted, double ratio, ToDoubleFunction<String> factor) {
    String name = weighted.strength().partsText().replace(',', '_');
    Path byHand = scaled(factor).write(out("scaled " + name));
    Merging.of(base, weighted).into(out("weighted " + name));
    Merging.of(base, new LoraInput(byHand, ratio)).into(out("by-hand " + name));
    assertThat(changed(base, out("weighted " + name))).isNotEmpty();
    assertThat(changed(out("by-hand " + name), out("weighted " + name))).isEmpty();
  }

  private static String seventeen() {
    List<String> weights = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      weights.add(Double.toString(slotWeight(i)));
    }
    return String.join(",", weights);
  }

  private static double slotWeight(int slot) {
    return 0.25 * (slot - 3);
  }

  private static int slot(String module) {
    return List.copyOf(SD1_KEYS.keySet()).indexOf(module);
  }

  @Test
  void equalsALoraWhoseBlocksWereScaledByHand() {
    assertScales(
        input("@0.5,lbw=" + seventeen()),
        0.5,
        module -> slot(module) < 17 ? slotWeight(slot(module)) : 0);
  }

  @Test
  void kohyasListsEqualALoraWhoseBlocksWereScaledByHandAndKeepTheOthers() {
    LoraInput weighted =
        KohyaBlockWeights.apply(List.of(request("@0.5")), List.of("[" + seventeen() + "]"))
            .getFirst()
            .located(lora);
    assertScales(weighted, 0.5, module -> slot(module) < 17 ? slotWeight(slot(module)) : 1);
  }

  @Test
  void scalesTheTextEncoderByItsOwnRatioAndTheBaseWeight() {
    assertScales(input("@0.5,te=-2"), 0.5, module -> module.equals(TEXT_MODULE) ? -4 : 1);
    assertScales(
        input("@0.5,te=2,lbw=ALL0.5"),
        0.5,
        module -> module.equals(DOWNSAMPLER) ? 0 : module.equals(TEXT_MODULE) ? 2 : 0.5);
  }

  @Test
  void mergesTheTextEncoderAloneWhenTheRatioIsZero() {
    Merging.of(base, input("@0,te=1")).into(out("text"));
    assertThat(changed(base, out("text"))).isEqualTo(keys("mlp.fc1"));
  }

  @Test
  void aPresetTouchesOnlyItsBlocks() {
    Merging.of(base, input(",lbw=OUTALL")).into(out("out"));
    assertThat(changed(base, out("out"))).isEqualTo(keys("output_blocks", "mlp.fc1"));
    Merging.of(base, input(",lbw=MIDD")).into(out("midd"));
    assertThat(changed(base, out("midd")))
        .isEqualTo(
            keys(
                "mlp.fc1",
                "input_blocks.5",
                "input_blocks.7",
                "input_blocks.8",
                "middle_block",
                "output_blocks.3.",
                "output_blocks.4.",
                "output_blocks.5.",
                "output_blocks.6."));
  }

  @Test
  void filtersByTheModuleAndByTheKeyOfTheCheckpoint() {
    MergeReport report =
        Merging.of(base, input(",only=up_blocks,mid_block,skip=output_blocks.4.")).into(out("f"));
    Set<String> expected = keys("output_blocks", "middle_block");
    expected.removeAll(keys("output_blocks.4."));
    assertThat(changed(base, out("f"))).isEqualTo(expected);
    PlannedLora planned = report.plan().loras().getFirst();
    assertThat(planned.applied()).isEqualTo(9);
    assertThat(planned.leftOut()).isEqualTo(9);
    assertThat(planned.match().withoutTarget()).isEmpty();
  }

  @Test
  void refusesAPatternThatFitsNothingWithTheNearestNames() {
    Problem problem = Merging.of(base, input(",only=attn1,atn2")).failureInto(out("none"));
    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.found()).hasValue("only=atn2");
    assertThat(problem.help()).hasValue("did you mean attn1?");
    problem = Merging.of(base, input(",skip=vision")).failureInto(out("none"));
    assertThat(problem.found()).hasValue("skip=vision");
    assertThat(problem.help().orElseThrow()).contains("attn1", "down_blocks", "to_q");
    assertThat(out("none")).doesNotExist();
  }

  @Test
  void refusesFiltersThatLeaveNothing() {
    Problem problem = Merging.of(base, input(",only=attn1,skip=to_q")).failureInto(out("none"));
    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.what()).isEqualTo("the filters leave nothing of this LoRA");
  }

  @Test
  void takesWeightsThatAreAllZeroAsARatioOfZeroAndSaysSo() {
    Merging merging = Merging.of(base, input(",lbw=NONE"));
    assertThat(warnings(merging)).anyMatch(w -> w.contains("every weight is 0"));
    merging.into(out("none"));
    assertThat(changed(base, out("none"))).isEmpty();
    assertThat(warnings(Merging.of(base, input("@0,te=0"))))
        .anyMatch(w -> w.contains("every ratio is 0"));
  }

  @Test
  void saysWhichBlocksTheWeightsDoNotName() {
    assertThat(warnings(Merging.of(base, input(",lbw=ALL"))))
        .anyMatch(w -> w.contains("1 module is in blocks that the 17") && w.contains("(IN03)"))
        .anyMatch(w -> w.endsWith("left out"));
  }

  @Test
  void saysWhenThereIsNoTextEncoderPartToWeigh() {
    String module = "lora_unet_mid_block_attentions_0" + ATTN;
    Path unetOnly =
        Sample.pair(new TensorFile(), module, 1280, 2, 1280, DType.F16, Gen.fixed(4))
            .write(out("unet"));
    assertThat(
            warnings(Merging.of(base, LoraArguments.parse(unetOnly + ",te=0.5").located(unetOnly))))
        .anyMatch(w -> w.contains("te= has no effect"));
  }

  private static List<String> warnings(Merging merging) {
    try (PreparedMerge merge = merging.prepare()) {
      return merge.warnings();
    }
  }

  @Test
  void recordsTheWeightsInTheRecipe() {
    Merging.of(base, input("@0.5,te=0.25,lbw=OUTALL,only=to_q")).into(out("r"));
    try (SafetensorsFile written = SafetensorsFile.open(out("r"))) {
      assertThat(written.metadata().get("athanor.recipe"))
          .contains(
              "\"ratio\":0.5",
              "\"weights\":{\"te\":0.25,\"lbw\":\"OUTALL\",\"lbw_elsewhere\":0.0,"
                  + "\"only\":[\"to_q\"]}");
    }
  }
}
