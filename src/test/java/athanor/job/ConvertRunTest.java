package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.OutputTarget;
import athanor.format.ModelHash;
import athanor.format.StateDicts;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraFormat;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.Delta64;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole conversions of small files. */
class ConvertRunTest {
  private static final Kernels KERNELS = Kernels.create();
  private static final String Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String PROJ_IN = "lora_unet_down_blocks_0_attentions_0_proj_in";
  private static final String TEXT = "lora_te_text_model_encoder_layers_0_self_attn_q_proj";
  private static final ConvertOptions NOTHING =
      new ConvertOptions(Optional.empty(), Optional.empty(), false, true, false);

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(3);

  private Path file(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private ConvertReport convert(Path input, ConvertOptions options, Path output) {
    return new ConvertRun(KERNELS, 2, Progress.NONE, new Cancellation())
        .run(input, options, OutputTarget.of(output, false));
  }

  private static ConvertOptions to(DType dtype) {
    return new ConvertOptions(Optional.of(dtype), Optional.empty(), false, true, false);
  }

  private static ConvertOptions to(LoraFormat format) {
    return new ConvertOptions(Optional.empty(), Optional.of(format), false, true, false);
  }

  private Path sd1(DType dtype) {
    return new TensorFile().random(Sample.sd1(dtype), 0.05, gen).write(file("base"));
  }

  private static void assertSameBytes(
      Map<String, byte[]> before, Map<String, byte[]> after, UnaryOperator<String> key) {
    assertThat(after).hasSameSizeAs(before);
    before.forEach(
        (name, bytes) -> assertThat(after.get(key.apply(name))).as(name).isEqualTo(bytes));
  }

  @Test
  void convertsOnlyWeightsToTheWantedType() {
    Path input = sd1(DType.F32);
    ConvertReport report = convert(input, to(DType.F16), file("out"));
    try (StateDict out = SafetensorsFile.open(file("out"))) {
      for (TensorInfo tensor : out.tensors()) {
        boolean kept =
            tensor.key().endsWith("position_ids") || tensor.key().startsWith("alphas_cumprod");
        assertThat(tensor.dtype() == DType.F16).as(tensor.key()).isEqualTo(!kept);
      }
    }
    assertThat(report.converted()).isEqualTo(report.tensors() - 3);
    String key = Sample.UNET + "out.2.weight";
    float[] exact = TensorFile.floats(input, key);
    float[] rounded = TensorFile.floats(file("out"), key);
    for (int i = 0; i < exact.length; i++) {
      assertThat(rounded[i]).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(exact[i])));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16", "F8_E4M3", "F8_E5M2"})
  void convertsToEveryType(DType dtype) {
    convert(sd1(DType.F32), to(dtype), file("out"));
    try (StateDict out = SafetensorsFile.open(file("out"))) {
      assertThat(out.find(Sample.UNET + "out.2.weight").orElseThrow().dtype()).isEqualTo(dtype);
    }
  }

  @Test
  void keepsEveryByteWhenNothingIsAskedFor() {
    Path input = sd1(DType.BF16);
    convert(input, NOTHING, file("out"));
    assertSameBytes(TensorFile.allBytes(input), TensorFile.allBytes(file("out")), key -> key);
  }

  @Test
  void keepsEveryByteOnTheWayThroughATorchFile() {
    Path input = sd1(DType.F16);
    Path torch = folder.resolve("model.ckpt");
    convert(input, NOTHING, torch);
    convert(torch, NOTHING, file("out"));
    assertSameBytes(TensorFile.allBytes(input), TensorFile.allBytes(file("out")), key -> key);
  }

  @Test
  void prunesMovingAverages() {
    TensorFile withEma = new TensorFile().random(Sample.sd1(DType.F16), 0.05, gen);
    Path input =
        withEma
            .random("model_ema.diffusion_modelout2weight", DType.F32, Shape.of(4, 4), 0.1, gen)
            .random("model_ema.decay", DType.F32, Shape.of(), 0.1, gen)
            .write(file("in"));
    ConvertReport report =
        convert(
            input,
            new ConvertOptions(Optional.empty(), Optional.empty(), true, true, false),
            file("out"));
    assertThat(report.dropped()).isEqualTo(2);
    Map<String, byte[]> before = TensorFile.allBytes(input);
    before.keySet().removeIf(key -> key.startsWith("model_ema."));
    assertSameBytes(before, TensorFile.allBytes(file("out")), key -> key);
  }

  @Test
  void joinsTheFilesOfAModelInPieces() throws IOException {
    new TensorFile()
        .random("a.weight", DType.F16, Shape.of(3, 5), 1, gen)
        .write(folder.resolve("model-00001-of-00002.safetensors"));
    new TensorFile()
        .random("b.weight", DType.F16, Shape.of(7), 1, gen)
        .write(folder.resolve("model-00002-of-00002.safetensors"));
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(
        index,
        """
        {"metadata": {"total_size": 44}, "weight_map": {
          "a.weight": "model-00001-of-00002.safetensors",
          "b.weight": "model-00002-of-00002.safetensors"}}
        """);
    convert(index, NOTHING, file("out"));
    Map<String, byte[]> all = TensorFile.allBytes(file("out"));
    assertThat(all).hasSize(2);
    assertThat(all.get("b.weight"))
        .isEqualTo(
            TensorFile.allBytes(folder.resolve("model-00002-of-00002.safetensors"))
                .get("b.weight"));
  }

  @Test
  void refusesValuesThatBecomeInfinite() {
    Path input =
        new TensorFile()
            .random(Sample.sd1(DType.F32), 0.05, gen)
            .put(Sample.UNET + "out.2.bias", DType.F32, Shape.of(4), 1, 70000, 3, 4)
            .write(file("in"));
    assertThatThrownBy(() -> convert(input, to(DType.F16), file("out")))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo(Kind.VERIFICATION);
              assertThat(e.problem().where()).contains(Sample.UNET + "out.2.bias");
            });
    assertThat(file("out")).doesNotExist();
    ConvertOptions allowed =
        new ConvertOptions(Optional.of(DType.F16), Optional.empty(), false, true, true);
    assertThat(convert(input, allowed, file("out")).warnings()).hasSize(1);
  }

  @Test
  void refusesToChangeTheTypeOfScaledWeights() {
    Path input =
        new TensorFile()
            .random("x.weight", DType.F8_E4M3, Shape.of(4, 4), 1, gen)
            .random("x.scale_weight", DType.F32, Shape.of(), 1, gen)
            .write(file("in"));
    assertThatThrownBy(() -> convert(input, to(DType.F16), file("out")))
        .hasMessageContaining("scales");
  }

  /** A linear pair, a 1×1 convolution and a text layer, with this alpha. */
  private TensorFile kohya(DType dtype, float alpha) {
    TensorFile lora = Sample.pair(new TensorFile(), Q, 320, 8, 320, dtype, gen);
    return Sample.pair(lora, TEXT, 768, 8, 768, dtype, gen)
        .random(PROJ_IN + ".lora_up.weight", dtype, Shape.of(320, 8, 1, 1), 0.1, gen)
        .random(PROJ_IN + ".lora_down.weight", dtype, Shape.of(8, 320, 1, 1), 0.1, gen)
        .put(Q + ".alpha", dtype, Shape.of(), alpha)
        .put(PROJ_IN + ".alpha", dtype, Shape.of(), alpha)
        .put(TEXT + ".alpha", dtype, Shape.of(), alpha);
  }

  private void assertRoundTripKeepsUpdates(Path input, double tolerance) {
    convert(input, to(LoraFormat.PEFT), file("peft"));
    convert(file("peft"), to(LoraFormat.KOHYA), file("back"));
    Map<String, double[]> before = Delta64.of(input);
    Map<String, double[]> back = Delta64.of(file("back"));
    assertThat(back.keySet()).isEqualTo(before.keySet());
    before.forEach((module, full) ->
        assertThat(Delta64.distance(full, back.get(module)))
            .as(module)
            .isLessThanOrEqualTo(tolerance * Delta64.norm(full)));
  }

  @Test
  void foldsAlphaExactlyWhereItsScaleIsAPowerOfTwo() {
    Path input = kohya(DType.BF16, 2).write(file("in"));
    assertRoundTripKeepsUpdates(input, 1e-15);
    try (SafetensorsFile peft = SafetensorsFile.open(file("peft"))) {
      assertThat(peft.metadata()).doesNotContainKey("lora_adapter_metadata");
      assertThat(peft.tensors().stream().map(TensorInfo::key))
          .containsExactlyInAnyOrder(
              "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight",
              "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_B.weight",
              "unet.down_blocks.0.attentions.0.proj_in.lora_A.weight",
              "unet.down_blocks.0.attentions.0.proj_in.lora_B.weight",
              "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_A.weight",
              "text_encoder.text_model.encoder.layers.0.self_attn.q_proj.lora_B.weight");
    }
  }

  @Test
  void saysHowManySmallValuesOfFp16WereRounded() {
    Path input = kohya(DType.F16, 2).write(file("in"));
    assertRoundTripKeepsUpdates(input, 1e-6);
    assertThat(convert(input, to(LoraFormat.PEFT), file("again")).warnings())
        .anyMatch(note -> note.contains("were rounded"));
  }

  @Test
  void putsOtherAlphasIntoTheConfiguration() {
    Path input = kohya(DType.F16, 3).write(file("in"));
    assertRoundTripKeepsUpdates(input, 1e-15);
    try (SafetensorsFile peft = SafetensorsFile.open(file("peft"))) {
      assertThat(peft.metadata().get("lora_adapter_metadata"))
          .contains("\"unet.r\":8")
          .contains("\"unet.lora_alpha\":3")
          .contains("\"text_encoder.lora_alpha\":3");
    }
  }

  @Test
  void keepsAlphasThatDifferFromModuleToModule() {
    Path input =
        kohya(DType.F32, 3).put(Q + ".alpha", DType.F32, Shape.of(), 5.5f).write(file("in"));
    assertRoundTripKeepsUpdates(input, 1e-15);
  }

  @Test
  void keepsTheBytesOfFactorsWhoseScaleIsOne() {
    Path input = kohya(DType.BF16, 8).write(file("in"));
    convert(input, to(LoraFormat.PEFT), file("peft"));
    convert(file("peft"), to(LoraFormat.KOHYA), file("back"));
    assertSameBytes(TensorFile.allBytes(input), TensorFile.allBytes(file("back")), key -> key);
  }

  @Test
  void recomputesTheHashesOfALora() {
    Path input = kohya(DType.F32, 3).metadata("sshs_model_hash", "stale").write(file("in"));
    convert(input, to(DType.F16), file("out"));
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.metadata())
          .containsEntry("sshs_model_hash", ModelHash.of(out).model())
          .containsEntry("sshs_legacy_hash", ModelHash.of(out).legacy());
      assertThat(out.find(Q + ".alpha").orElseThrow().dtype()).isEqualTo(DType.F32);
      assertThat(out.find(Q + ".lora_up.weight").orElseThrow().dtype()).isEqualTo(DType.F16);
    }
  }

  @Test
  void refusesModulesThatPeftHasNoNamesFor() {
    Path input =
        kohya(DType.F16, 8)
            .random(
                "lora_unet_down_blocks_0_attentions_0_norm.w_norm",
                DType.F16,
                Shape.of(320),
                0.1,
                gen)
            .write(file("in"));
    assertThatThrownBy(() -> convert(input, to(LoraFormat.PEFT), file("out")))
        .hasMessageContaining("no names for this");
  }

  @Test
  void keepsTheAlphaOfModulesThatAreNoPairs() {
    String module = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
    TensorFile loha = new TensorFile().put(module + ".alpha", DType.F32, Shape.of(), 2f);
    for (String factor : List.of("w1_a", "w1_b", "w2_a", "w2_b")) {
      Shape shape = factor.endsWith("a") ? Shape.of(320, 4) : Shape.of(4, 320);
      loha.random(module + ".hada_" + factor, DType.F32, shape, 0.1, gen);
    }
    Path output = file("loha-kohya");
    convert(loha.write(file("loha")), to(LoraFormat.KOHYA), output);
    assertThat(TensorFile.floats(output, Q + ".alpha")).containsExactly(2f);
    assertThat(TensorFile.allBytes(output)).containsKey(Q + ".hada_w1_a");
  }

  @Test
  void refusesRotationsThatMeanSomethingElseUnderOtherNames() {
    Path input =
        new TensorFile()
            .random(
                "base_model.model.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
                    + ".oft_R.weight",
                DType.F32,
                Shape.of(10, 496),
                0.1,
                gen)
            .write(file("oft"));
    assertThatThrownBy(() -> convert(input, to(LoraFormat.KOHYA), file("oft-kohya")))
        .hasMessageContaining("has no names for this")
        .hasMessageContaining("OFTv2");
  }

  @Test
  void refusesAFormatForACheckpoint() {
    Path input = sd1(DType.F16);
    assertThatThrownBy(() -> convert(input, to(LoraFormat.PEFT), file("out")))
        .isInstanceOfSatisfying(
            AthanorException.class, e -> assertThat(e.problem().kind()).isEqualTo(Kind.USAGE));
  }

  @Test
  void neverOverwritesItsInput() {
    Path input = sd1(DType.F16);
    assertThatThrownBy(() ->
            new ConvertRun(KERNELS, 1, Progress.NONE, new Cancellation())
                .run(input, to(DType.F32), OutputTarget.of(input, true)))
        .hasMessageContaining("never overwritten");
    try (StateDict file = StateDicts.open(input)) {
      assertThat(file.find(Sample.UNET + "out.2.bias").orElseThrow().dtype()).isEqualTo(DType.F16);
    }
  }
}
