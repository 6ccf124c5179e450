package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.format.StateDicts;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.model.Architecture;
import athanor.model.ReferenceCheckpoint;
import athanor.recipe.CheckpointEdits;
import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.testkit.Known;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.SparseFile;
import athanor.testkit.TensorFile;
import athanor.testkit.VaeFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Merges that take the VAE from another file. */
class VaeMergeTest {
  private static final String TO_Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String QUANT = VaeFile.PREFIX + "quant_conv.weight";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(5);

  private Path path(String name) {
    return folder.resolve(name);
  }

  private Path base(List<TensorInfo> tensors) {
    return new TensorFile().random(tensors, 0.05, gen).write(path("base.safetensors"));
  }

  private Path sd1() {
    return base(Sample.sd1(DType.F16));
  }

  private Path sd1WithoutVae() {
    return base(
        Sample.sd1(DType.F16).stream()
            .filter(tensor -> !tensor.key().startsWith(VaeFile.PREFIX))
            .toList());
  }

  private Merging merging(Path base, Path vae) {
    Path lora =
        Sample.pair(new TensorFile(), TO_Q, 320, 4, 320, DType.F16, Gen.fixed(9))
            .write(path("style.safetensors"));
    return Merging.of(base, new LoraInput(lora, 0.5))
        .edits(new CheckpointEdits(Optional.of(vae), false));
  }

  private Path vae(String name, List<TensorInfo> tensors) {
    return SparseFile.write(path(name), tensors);
  }

  /** Every VAE tensor of the output must begin with the mark of the file's tensor. */
  private static void assertVaeOf(Path output, List<TensorInfo> inFile, DType dtype) {
    Map<String, byte[]> marks = SparseFile.marks(output);
    List<TensorInfo> placed = VaeFile.inCheckpoint(dtype);
    for (int i = 0; i < placed.size(); i++) {
      assertThat(marks.get(placed.get(i).key()))
          .as(placed.get(i).key())
          .isEqualTo(SparseFile.mark(inFile.get(i)));
    }
    try (StateDict file = StateDicts.open(output)) {
      assertThat(file.tensors().stream().filter(tensor -> tensor.key().startsWith(VaeFile.PREFIX)))
          .containsExactlyInAnyOrderElementsOf(placed);
    }
  }

  @Test
  void replacesTheVaeInPlaceAddsWhatTheBaseLacksAndRecordsIt() {
    Path base = sd1();
    List<TensorInfo> inFile = VaeFile.original(DType.F8_E4M3);
    Path out = path("out.safetensors");
    merging(base, vae("kl-f8.safetensors", inFile)).into(out);

    assertVaeOf(out, inFile, DType.F8_E4M3);
    try (StateDict file = StateDicts.open(out)) {
      assertThat(file.metadata().get("athanor.recipe"))
          .contains("\"vae\":{\"name\":\"kl-f8.safetensors\"");
    }
    List<String> before = List.copyOf(SparseFile.marks(base).keySet());
    List<String> after = List.copyOf(SparseFile.marks(out).keySet());
    assertThat(after).containsSubsequence(before);
    assertThat(after.subList(before.indexOf(QUANT) + 1, before.indexOf(QUANT) + 247))
        .allMatch(key -> key.startsWith(VaeFile.PREFIX));
  }

  @Test
  void leavesEverythingElseAsItWouldBeWithoutTheVae() {
    Path base = sd1();
    Path vae = vae("vae.safetensors", VaeFile.original(DType.F8_E4M3));
    merging(base, vae).into(path("with.safetensors"));
    merging(base, vae).edits(CheckpointEdits.none()).into(path("without.safetensors"));
    Map<String, byte[]> with = TensorFile.allBytes(path("with.safetensors"));
    TensorFile.allBytes(path("without.safetensors"))
        .forEach((key, bytes) -> {
          if (!key.startsWith(VaeFile.PREFIX)) {
            assertThat(Arrays.equals(with.get(key), bytes)).as(key).isTrue();
          }
        });
  }

  @Test
  void takesTheNamesOfDiffusersWithAttentionAsMatrices() {
    List<TensorInfo> inFile = VaeFile.diffusers(DType.F8_E4M3);
    Path out = path("out.safetensors");
    Merging merging = merging(sd1WithoutVae(), vae("vae.safetensors", inFile));
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(merge.editSummary())
          .containsExactly("VAE added from vae.safetensors (diffusers names)");
      assertThat(merge.warnings()).noneMatch(warning -> warning.contains("VAE"));
    }
    merging.into(out);
    assertVaeOf(out, inFile, DType.F8_E4M3);
  }

  @Test
  void takesTheNamesOfOldDiffusersAndWritesCkpt() {
    List<TensorInfo> inFile = VaeFile.oldDiffusers(DType.F8_E4M3);
    Path out = path("out.ckpt");
    merging(sd1(), vae("vae.safetensors", inFile)).into(out);
    assertVaeOf(out, inFile, DType.F8_E4M3);
  }

  @Test
  void takesATorchFileWithStateDictAndTrainingExtras() {
    List<TensorInfo> inFile = VaeFile.original(DType.F8_E4M3);
    List<TensorInfo> all = new ArrayList<>(inFile);
    all.add(tensor("loss.logvar", 1));
    all.add(tensor("loss.discriminator.main.0.weight", 64, 3, 4, 4));
    all.add(tensor("model_ema.decay", 1));
    Path out = path("out.safetensors");
    merging(sd1WithoutVae(), vae("vae.ckpt", all)).into(out);
    assertVaeOf(out, inFile, DType.F8_E4M3);
    assertThat(SparseFile.marks(out).keySet()).noneMatch(key -> key.contains("loss."));
  }

  @Test
  void takesThePartOfACheckpointAndSaysSo() {
    List<TensorInfo> checkpoint =
        Stream.concat(Sample.sd1(DType.F16).stream(), VaeFile.inCheckpoint(DType.F8_E5M2).stream())
            .filter(tensor -> !(tensor.key().contains("quant") && tensor.dtype() == DType.F16))
            .toList();
    Path out = path("out.safetensors");
    Merging merging = merging(sd1(), vae("other.safetensors", checkpoint));
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(merge.editSummary())
          .containsExactly("VAE replaced by that of other.safetensors (a checkpoint, SD 1.x)");
    }
    merging.into(out);
    assertVaeOf(out, VaeFile.inCheckpoint(DType.F8_E5M2), DType.F8_E5M2);
  }

  @Test
  void storesTheVaeInTheWantedPrecision() {
    Path out = path("out.safetensors");
    merging(sd1WithoutVae(), vae("vae.safetensors", VaeFile.diffusers(DType.F8_E4M3)))
        .options(new MergeOptions(Precision.FLOAT, Optional.of(Precision.FP16), true, false, false))
        .into(out);
    try (StateDict file = StateDicts.open(out)) {
      assertThat(file.tensors()).containsAll(VaeFile.inCheckpoint(DType.F16));
    }
    float[] values = TensorFile.floats(out, QUANT);
    byte[] mark = SparseFile.mark(new TensorInfo("quant_conv.weight", DType.F8_E4M3, Shape.of(64)));
    assertThat(values[0]).isEqualTo(e4m3(mark[0]));
    assertThat(values[5]).isEqualTo(e4m3(mark[5]));
  }

  private static float e4m3(byte bits) {
    int exponent = bits >> 3;
    int mantissa = bits & 7;
    return exponent == 0 ? mantissa * 0x1p-9f : Math.scalb(1 + mantissa / 8f, exponent - 7);
  }

  @Test
  void givesTheSameFileForAnyNumberOfThreads() throws Exception {
    Path base = sd1();
    Path vae = vae("vae.safetensors", VaeFile.diffusers(DType.F8_E4M3));
    MergeOptions plain = new MergeOptions(Precision.FLOAT, Optional.empty(), false, false, false);
    for (int threads : new int[] {1, 3}) {
      merging(base, vae)
          .options(plain)
          .threads(threads)
          .into(path("out" + threads + ".safetensors"));
    }
    assertThat(Files.mismatch(path("out1.safetensors"), path("out3.safetensors"))).isEqualTo(-1);
  }

  @Test
  void mergesABaseWithoutVaeAndReportsIt() {
    Path out = path("out.safetensors");
    Merging merging = merging(sd1WithoutVae(), path("unused")).edits(CheckpointEdits.none());
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(merge.warnings())
          .anyMatch(warning -> warning.contains("has no VAE") && warning.contains("--vae FILE"));
    }
    merging.into(out);
    assertThat(SparseFile.marks(out).keySet()).noneMatch(key -> key.startsWith(VaeFile.PREFIX));
  }

  @Test
  void warnsOfAVaeWhoseNameSaysSdxl() {
    Path vae = vae("sdxl_vae.safetensors", VaeFile.original(DType.F8_E4M3));
    try (PreparedMerge merge = merging(sd1(), vae).prepare()) {
      assertThat(merge.warnings()).anyMatch(warning -> warning.contains("the VAE of SDXL"));
    }
  }

  private void assertRefused(Path vae, String... parts) {
    Problem problem = merging(sd1(), vae).failureInto(path("out.safetensors"));
    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.line()).contains(vae.getFileName().toString()).contains(parts);
    assertThat(path("out.safetensors")).doesNotExist();
  }

  private static List<TensorInfo> changed(
      List<TensorInfo> tensors, String key, UnaryOperator<TensorInfo> change) {
    return tensors.stream().map(t -> t.key().equals(key) ? change.apply(t) : t).toList();
  }

  private static TensorInfo tensor(String key, long... dims) {
    return new TensorInfo(key, DType.F16, Shape.of(dims));
  }

  @Test
  void refusesSixteenLatentChannelsByName() {
    String key = "decoder.conv_in.weight";
    List<TensorInfo> flux =
        changed(VaeFile.original(DType.F16), key, t -> tensor(key, 512, 16, 3, 3));
    assertRefused(vae("ae.safetensors", flux), "16 latent channels (SD 3, FLUX.1", "expected: 4");
  }

  /** The VAE of FLUX.1: 16 latent channels, no convolutions around the latents. */
  private static List<TensorInfo> sixteen(String prefix) {
    List<TensorInfo> tensors = new ArrayList<>();
    for (TensorInfo tensor : VaeFile.original(DType.F16)) {
      String key = prefix + tensor.key();
      switch (tensor.key()) {
        case "decoder.conv_in.weight" -> tensors.add(tensor(key, 512, 16, 3, 3));
        case "encoder.conv_out.weight" -> tensors.add(tensor(key, 32, 512, 3, 3));
        case "encoder.conv_out.bias" -> tensors.add(tensor(key, 32));
        default -> {
          if (!tensor.key().contains("quant_conv")) {
            tensors.add(new TensorInfo(key, tensor.dtype(), tensor.shape()));
          }
        }
      }
    }
    return tensors;
  }

  private Path flux(List<TensorInfo> vae) {
    String prefix = "model.diffusion_model.";
    List<TensorInfo> tensors =
        new ArrayList<>(
            List.of(
                tensor(prefix + "img_in.weight", 3072, 64),
                tensor(prefix + "double_blocks.0.img_attn.norm.key_norm.scale", 128),
                tensor(prefix + "double_blocks.0.img_mlp.0.weight", 12, 4)));
    tensors.addAll(vae);
    return SparseFile.write(path("flux.safetensors"), tensors);
  }

  private Merging intoFlux(Path base, Path vae) {
    String module = "transformer.transformer_blocks.0.ff.net.0.proj";
    Path lora =
        new TensorFile()
            .random(module + ".lora_B.weight", DType.F16, Shape.of(12, 2), 1, Gen.fixed(9))
            .random(module + ".lora_A.weight", DType.F16, Shape.of(2, 4), 1, Gen.fixed(9))
            .write(path("flux-style.safetensors"));
    return Merging.of(base, new LoraInput(lora, 0.5))
        .edits(new CheckpointEdits(Optional.of(vae), false));
  }

  @Test
  void replacesTheVaeOfAFluxBundleUnderItsOwnPrefix() {
    Path vae = vae("ae.safetensors", sixteen(""));
    Path output = path("out.safetensors");

    intoFlux(flux(sixteen("vae.")), vae).into(output);

    Map<String, byte[]> marks = SparseFile.marks(output);
    assertThat(marks.keySet().stream().filter(key -> key.startsWith("vae."))).hasSize(244);
    assertThat(marks.keySet()).noneMatch(key -> key.startsWith(VaeFile.PREFIX));
    assertThat(marks.get("vae.decoder.conv_in.weight"))
        .isEqualTo(SparseFile.mark(tensor("decoder.conv_in.weight", 512, 16, 3, 3)));
  }

  @Test
  void refusesTheVaeOfSdForFlux() {
    Problem problem =
        intoFlux(flux(sixteen("vae.")), vae("sd.safetensors", VaeFile.original(DType.F16)))
            .failureInto(path("out.safetensors"));

    assertThat(problem.line()).contains("4 latent channels (SD, SDXL)", "16, as in FLUX.1");
  }

  @Test
  void refusesAnotherShapeByKey() {
    String key = "encoder.down.0.block.0.conv1.weight";
    List<TensorInfo> narrow =
        changed(VaeFile.original(DType.F16), key, t -> tensor(key, 64, 64, 3, 3));
    assertRefused(vae("narrow.safetensors", narrow), key, "[64, 64, 3, 3]", "[128, 128, 3, 3]");
  }

  @Test
  void refusesAVaeWithMorePartsByKey() {
    List<TensorInfo> video = new ArrayList<>(VaeFile.original(DType.F16));
    video.add(tensor("decoder.up.0.block.0.time_stack.in_layers.0.weight", 128));
    assertRefused(vae("svd.safetensors", video), "time_stack", "do not have");
  }

  @Test
  void refusesAnIncompleteVae() {
    List<TensorInfo> cut =
        VaeFile.original(DType.F16).stream().filter(t -> t.key().startsWith("decoder")).toList();
    assertRefused(vae("cut.safetensors", cut), "this VAE is incomplete", "encoder.conv_in.weight");
  }

  @Test
  void refusesATypeThatIsNoWeight() {
    String key = "decoder.conv_in.weight";
    List<TensorInfo> packed = changed(VaeFile.original(DType.F16), key, t -> t.withDType(DType.I8));
    assertRefused(vae("packed.safetensors", packed), key, "type I8");
  }

  @Test
  void refusesATensorUnderTwoNames() {
    List<TensorInfo> twice = new ArrayList<>(VaeFile.original(DType.F16));
    twice.add(tensor("decoder.conv_norm_out.weight", 128));
    assertRefused(vae("twice.safetensors", twice), "twice, under two names");
  }

  @Test
  void refusesACheckpointWithoutVae() {
    List<TensorInfo> pruned =
        Sample.sd1(DType.F16).stream()
            .filter(tensor -> !tensor.key().startsWith(VaeFile.PREFIX))
            .toList();
    assertRefused(
        vae("pruned.safetensors", pruned), "there is none in it", "a checkpoint: SD 1.x, no VAE");
  }

  @Test
  void refusesTheVaeOfACheckpointOfTheSdxlFamilyForSd1() {
    List<TensorInfo> sdxl =
        Stream.concat(Sample.sdxl(DType.F16).stream(), VaeFile.inCheckpoint(DType.F16).stream())
            .toList();
    assertRefused(
        vae("xl.safetensors", sdxl), "the VAE of a checkpoint of Segmind-Vega", "one for SD 1.x");
  }

  @Test
  void refusesALora() {
    Path lora =
        Sample.pair(new TensorFile(), TO_Q, 320, 4, 320, DType.F16, gen)
            .write(path("pixel.safetensors"));
    assertRefused(lora, "given as a VAE", "a LoRA");
  }

  @Test
  void neverWritesOverTheVaeFile() {
    Path vae = vae("vae.safetensors", VaeFile.original(DType.F8_E4M3));
    Problem problem = merging(sd1(), vae).overwriting().failureInto(vae);
    assertThat(problem.kind()).isEqualTo(Kind.USAGE);
    assertThat(SparseFile.marks(vae)).hasSize(248);
  }

  @Test
  void fitsTheReferenceOfEveryArchitectureThatHasAVae() {
    for (Architecture architecture : List.of(Known.SD1, Known.SD2, Known.SDXL)) {
      assertThat(
              ReferenceCheckpoint.of(architecture, DType.F16).orElseThrow().stream()
                  .filter(tensor -> tensor.key().startsWith(VaeFile.PREFIX)))
          .containsExactlyElementsOf(VaeFile.inCheckpoint(DType.F16));
    }
  }
}
