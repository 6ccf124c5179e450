package athanor.job;

import static athanor.testkit.Sample.UNET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.format.StateDicts;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.resize.RankRule;
import athanor.merge.lora.resize.ResizeOptions;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.Gen;
import athanor.testkit.LoraMerging;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The scale of PEFT adapters, which stands beside the tensors, on every way from the adapter to a
 * merged weight. All files here are of rank 4 and, with {@link #CONFIG}, of scale 4.
 */
class PeftScaleTest {
  private static final String CONFIG =
      "{\"peft_type\": \"LORA\", \"r\": 4, \"lora_alpha\": 16, \"bias\": \"none\","
          + " \"alpha_pattern\": {}, \"rank_pattern\": {}, \"target_parameters\": null,"
          + " \"layer_replication\": null, \"init_lora_weights\": \"gaussian\"}";
  private static final String MODULE =
      "base_model.model.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
  private static final String DIFFUSERS =
      "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
  private static final String WEIGHT =
      UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
  private static final int SIDE = 320;
  private static final int RANK = 4;

  @TempDir private Path root;
  private final Gen gen = Gen.fixed(31);
  private final float[] up = values(SIDE * RANK);
  private final float[] down = values(RANK * SIDE);
  private Path folder;
  private Path base;

  private float[] values(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (gen.between(0, 256) - 128) / 1024f;
    }
    return values;
  }

  @BeforeEach
  void aBaseAndAFolder() throws IOException {
    folder = Files.createDirectory(root.resolve("adapter"));
    base = new TensorFile().random(Sample.corner(DType.F32), 0.05, gen).write(out("base"));
  }

  private TensorFile tensors(String module) {
    return new TensorFile()
        .put(module + ".lora_B.weight", DType.F32, Shape.of(SIDE, RANK), up)
        .put(module + ".lora_A.weight", DType.F32, Shape.of(RANK, SIDE), down);
  }

  private Path adapter(String name) {
    return tensors(MODULE).write(folder.resolve(name));
  }

  private Path configured() throws IOException {
    config("adapter_config.json", CONFIG);
    return adapter("adapter_model.safetensors");
  }

  private void config(String name, String json) throws IOException {
    Files.writeString(folder.resolve(name), json);
  }

  /** A place without configurations. */
  private Path out(String name) {
    return root.resolve(name + (name.contains(".") ? "" : ".safetensors"));
  }

  /** By which factor of up · down a merge changes the weight (least squares). */
  private double scaleOf(Path lora) {
    Path merged = out("merged");
    Merging.of(base, new LoraInput(lora, 1)).overwriting().into(merged);
    return scale(merged);
  }

  private double scale(Path merged) {
    float[] before = TensorFile.floats(base, WEIGHT);
    float[] after = TensorFile.floats(merged, WEIGHT);
    double product = 0;
    double square = 0;
    for (int row = 0; row < SIDE; row++) {
      for (int column = 0; column < SIDE; column++) {
        double delta = 0;
        for (int k = 0; k < RANK; k++) {
          delta += up[row * RANK + k] * down[k * SIDE + column];
        }
        int i = row * SIDE + column;
        product += delta * (after[i] - before[i]);
        square += delta * delta;
      }
    }
    return product / square;
  }

  private void assertScale(Path lora, double expected) {
    assertThat(scaleOf(lora)).as(lora.toString()).isCloseTo(expected, within(1e-3));
  }

  private Problem refusal(Path lora) {
    return Merging.of(base, new LoraInput(lora, 1)).failureInto(out("refused"));
  }

  private List<String> warnings(Path lora) {
    try (PreparedMerge merge = Merging.of(base, new LoraInput(lora, 1)).prepare()) {
      return merge.warnings();
    }
  }

  private ConvertReport convert(Path lora, Path output, LoraFormat format, boolean metadata) {
    var options =
        new ConvertOptions(Optional.empty(), Optional.ofNullable(format), false, metadata, false);
    return new ConvertRun(Kernels.create(), 2, Progress.NONE, new Cancellation())
        .run(lora, options, OutputTarget.of(output, false));
  }

  @Test
  void anAdapterHasTheScaleOfTheConfigurationBesideIt() throws IOException {
    assertScale(configured(), 4);
  }

  @Test
  void aLinkToAnAdapterHasItToo() throws IOException {
    Path near = Files.createSymbolicLink(out("near"), configured());
    assertScale(near, 4);
    assertScale(Files.createSymbolicLink(out("far"), Path.of("near.safetensors")), 4);
  }

  /** As the cache of huggingface_hub keeps files: names are links to blobs. */
  @Test
  void anAdapterThatIsALinkToABlobHasItToo() throws IOException {
    Path blob = tensors(MODULE).write(Files.createDirectory(root.resolve("blobs")).resolve("f00"));
    config("adapter_config.json", CONFIG);
    assertScale(Files.createSymbolicLink(folder.resolve("adapter_model.safetensors"), blob), 4);
  }

  @Test
  void anAdapterOfAnotherNameHasTheConfigurationOfThatName() throws IOException {
    config("style.adapter_config.json", CONFIG);
    assertScale(adapter("style.safetensors"), 4);
  }

  @Test
  void aConfigurationThatMayBeThatOfAnotherFileStopsTheMerge() throws IOException {
    configured();
    Problem problem = refusal(adapter("copy.safetensors"));
    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.where()).hasValueSatisfying(at -> assertThat(at).contains("copy"));
    assertThat(problem.found()).hasValueSatisfying(f -> assertThat(f).contains("adapter_config"));
    assertThat(problem.help()).isPresent();
  }

  @Test
  void aConfigurationIsThatOfTheWeightsItIsNamedFor() throws IOException {
    configured();
    Path other =
        tensors(MODULE).metadata("title", "other").write(folder.resolve("other.safetensors"));
    assertScale(other, 1);
    assertThat(warnings(other)).anyMatch(note -> note.contains("no alpha"));
  }

  @Test
  void aConfigurationOfOtherRanksIsThatOfAnotherFile() throws IOException {
    config("adapter_config.json", CONFIG.replace("\"r\": 4", "\"r\": 8"));
    Path lora = adapter("copy.safetensors");
    assertScale(lora, 1);
    assertThat(warnings(lora))
        .anyMatch(note -> note.contains("no alpha in 1 module: taken as rank"));
  }

  @Test
  void saysThatAnUnknownAlphaIsTakenAsTheRank() throws IOException {
    assertThat(warnings(adapter("alone.safetensors")))
        .filteredOn(note -> note.contains("no alpha"))
        .containsExactly("alone.safetensors: no alpha in 1 module: taken as rank");
    assertThat(warnings(configured())).noneMatch(note -> note.contains("no alpha"));
    Path stored =
        tensors(MODULE).put(MODULE + ".alpha", DType.F32, Shape.of(), 8).write(out("stored"));
    assertThat(warnings(stored)).noneMatch(note -> note.contains("no alpha"));
  }

  @ParameterizedTest
  @CsvSource({
    "'\"use_rslora\": true', 8",
    "'\"alpha_pattern\": {\"attn1.to_q\": 2}', 0.5",
    "'\"alpha_pattern\": {\"^down_blocks.*to_q\": 12}', 3",
    "'\"alpha_pattern\": {\"to_k\": 2, \"to_.\": 20, \"attn1.to_q\": 2}', 5",
    "'\"r\": 64, \"rank_pattern\": {\"to_q\": 4}', 4"
  })
  void everyFieldThatChangesTheScaleCounts(String fields, double expected) throws IOException {
    config("adapter_config.json", "{\"r\": 4, \"lora_alpha\": 16, " + fields + "}");
    assertScale(adapter("adapter_model.safetensors"), expected);
  }

  @Test
  void aTorchFileKeepsTheScale() throws IOException {
    Path converted = out("converted.ckpt");
    assertThat(convert(configured(), converted, null, true).warnings())
        .anyMatch(note -> note.contains("alpha = scale · rank was added to 1 modules"));
    assertScale(converted, 4);
  }

  @Test
  void aCopyWithoutMetadataKeepsTheScale() throws IOException {
    convert(configured(), out("converted"), null, false);
    assertScale(out("converted"), 4);
  }

  @Test
  void aCopyOfAFileWithItsConfigurationBesideItKeepsTheScale() throws IOException {
    convert(configured(), out("converted"), null, true);
    assertScale(out("converted"), 4);
  }

  @ParameterizedTest
  @CsvSource({"converted.ckpt, true", "converted, false", "converted, true"})
  void aScaleInMetadataStaysOrBecomesAnAlpha(String name, boolean metadata) {
    Path lora =
        tensors(DIFFUSERS)
            .metadata("lora_adapter_metadata", "{\"unet.r\": 4, \"unet.lora_alpha\": 10}")
            .write(out("diffusers"));
    Path converted = out(name);
    convert(lora, converted, null, metadata);
    assertScale(converted, 2.5);
    try (StateDict file = StateDicts.open(converted)) {
      boolean stayed = file.metadata().containsKey("lora_adapter_metadata");
      assertThat(file.find(DIFFUSERS + ".alpha").isPresent()).isNotEqualTo(stayed);
    }
  }

  @ParameterizedTest
  @CsvSource({"KOHYA, 16", "PEFT, 16", "KOHYA, 10", "PEFT, 10"})
  void anotherSpellingKeepsTheScale(LoraFormat format, int alpha) throws IOException {
    config("adapter_config.json", CONFIG.replace("16", Integer.toString(alpha)));
    convert(adapter("adapter_model.safetensors"), out("converted"), format, true);
    assertScale(out("converted"), alpha / 4.0);
  }

  @Test
  void aTorchFileInTheSpellingOfKohyaKeepsTheScale() throws IOException {
    convert(configured(), out("converted.ckpt"), LoraFormat.KOHYA, true);
    assertScale(out("converted.ckpt"), 4);
  }

  /** 10 / 4 is no power of two, so it would have to stand in metadata. */
  @ParameterizedTest
  @CsvSource({"converted.ckpt, true", "converted, false"})
  void whatOnlyMetadataCouldKeepIsRefusedWithoutThem(String name, boolean metadata)
      throws IOException {
    config("adapter_config.json", CONFIG.replace("16", "10"));
    Path lora = adapter("adapter_model.safetensors");
    assertThatThrownBy(() -> convert(lora, out(name), LoraFormat.PEFT, metadata))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> assertThat(e.problem().kind()).isEqualTo(Kind.INCOMPATIBLE))
        .hasMessageContaining("without metadata the alphas of this LoRA would be lost");
    assertThat(out(name)).doesNotExist();
  }

  @Test
  void aCopyWithoutTheConfigurationOfAnotherMethodIsRefused() throws IOException {
    config("adapter_config.json", "{\"peft_type\": \"OFT\", \"use_cayley_neumann\": false}");
    Path lora = adapter("adapter_model.safetensors");
    assertThatThrownBy(() -> convert(lora, out("converted"), null, true))
        .hasMessageContaining("without the configuration");
  }

  @Test
  void aSumOfLorasHasTheScaleOfEach() throws IOException {
    LoraMerging.of(new LoraInput(configured(), 0.5)).into(out("sum"));
    assertScale(out("sum"), 2);
  }

  @Test
  void aResizedAdapterKeepsTheScale() throws IOException {
    var options =
        new ResizeOptions(new RankRule.Fixed(), 4, 4, OptionalLong.empty(), Optional.empty());
    new ResizeRun(Kernels.create(), 2, Progress.NONE, new Cancellation())
        .run(configured(), options, OutputTarget.of(out("resized"), false));
    assertScale(out("resized"), 4);
  }

  @ParameterizedTest
  @CsvSource({
    "'\"init_lora_weights\": \"pissa\"', PiSSA, path_initial_model_for_weight_conversion",
    "'\"init_lora_weights\": \"pissa_niter_16\"', PiSSA, path_initial_model_for_weight_conversion",
    "'\"init_lora_weights\": \"olora\"', OLoRA, path_initial_model_for_weight_conversion",
    "'\"init_lora_weights\": \"corda\"', CorDA, path_initial_model_for_weight_conversion",
    "'\"init_lora_weights\": \"lora_ga\"', LoRA-GA, path_initial_model_for_weight_conversion",
    "'\"init_lora_weights\": \"loftq\"', LoftQ, quantised base",
    "'\"layer_replication\": [[0, 4], [2, 5]]', layers of the base are repeated, merge it in PEFT",
    "'\"use_qalora\": true', QALoRA, merge it in PEFT",
    "'\"use_bdlora\": {\"nblocks\": 2}', BD-LoRA, merge it in PEFT",
    "'\"alora_invocation_tokens\": [1, 2]', aLoRA, merge it in PEFT",
    "'\"target_parameters\": [\"experts.w1\"]', bare parameters, merge it in PEFT",
    "'\"peft_type\": \"ADALORA\"', AdaLoRA, merge it in PEFT"
  })
  void trainingThatMakesAPlainMergeWrongIsRefusedByName(String field, String name, String help)
      throws IOException {
    config("adapter_config.json", "{\"r\": 4, \"lora_alpha\": 16, " + field + "}");
    Path beside = adapter("adapter_model.safetensors");
    Path inside =
        tensors(DIFFUSERS)
            .metadata(
                "lora_adapter_metadata",
                "{\"unet.r\": 4, " + field.replaceFirst("\"", "\"unet.") + "}")
            .write(out("inside"));
    for (Path lora : List.of(beside, inside)) {
      Problem problem = refusal(lora);
      assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
      assertThat(problem.line()).contains(name);
      assertThat(problem.help().orElseThrow()).contains(help);
      assertThat(LoraMerging.of(new LoraInput(lora, 1)).failureInto(out("sum")).line())
          .contains(name);
      assertThatThrownBy(() -> convert(lora, out("kohya"), LoraFormat.KOHYA, true))
          .hasMessageContaining(name);
      assertThatThrownBy(() -> convert(lora, out("copy.ckpt"), null, true))
          .hasMessageContaining(name);
      var ranks =
          new ResizeOptions(new RankRule.Fixed(), 2, 2, OptionalLong.empty(), Optional.empty());
      assertThatThrownBy(() ->
              new ResizeRun(Kernels.create(), 1, Progress.NONE, new Cancellation())
                  .run(lora, ranks, OutputTarget.of(out("resized"), false)))
          .hasMessageContaining(name);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'\"init_lora_weights\": true'",
    "'\"init_lora_weights\": \"eva\"'",
    "'\"init_lora_weights\": \"gaussian\"'",
    "'\"layer_replication\": []'",
    "'\"use_qalora\": false'",
    "'\"use_bdlora\": null'",
    "'\"corda_config\": null'",
    "'\"target_parameters\": []'"
  })
  void fieldsThatAreNotSetForbidNothing(String field) throws IOException {
    config("adapter_config.json", "{\"r\": 4, \"lora_alpha\": 16, " + field + "}");
    assertScale(adapter("adapter_model.safetensors"), 4);
  }
}
