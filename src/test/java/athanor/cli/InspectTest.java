package athanor.cli;

import static athanor.testkit.Sample.UNET;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.Known;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** What {@code inspect} says about the health of files. */
class InspectTest {
  private static final String TO_Q =
      UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
  private static final String MODULE =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(3);

  private Path path(String name) {
    return folder.resolve(name);
  }

  private static CommandLineRun inspect(String... args) {
    String[] all = new String[args.length + 1];
    all[0] = "inspect";
    System.arraycopy(args, 0, all, 1, args.length);
    return CommandLineRun.of((out, err) -> new Main(out, err).run(all));
  }

  private TensorFile base(String... prefixes) {
    return new TensorFile().random(Sample.cutting(Known.SD1, DType.F16, prefixes), 0.05, gen);
  }

  private TensorFile unet() {
    return base(UNET + "input_blocks.1.1.", UNET + "out.");
  }

  @Test
  void saysWhatACheckpointLacksAndCarries() {
    TensorFile file =
        unet()
            .put("model_ema.diffusion_modelout2weight", DType.F32, Shape.of(4), 1, 2, 3, 4)
            .put("v_pred", DType.F32, Shape.of(0));
    CommandLineRun run = inspect(file.write(path("base.safetensors")).toString());
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains(
            "note: no VAE",
            "note: no text encoder",
            "note: EMA weights take 0.00 GB",
            "athanor convert --prune-ema",
            "note: a marker tensor says that it predicts v",
            "keys of a complete checkpoint are missing",
            "types of parts: UNet fp16, EMA fp32");
  }

  @Test
  void namesPartsOfMixedTypesAndSeparateScales() {
    TensorFile file =
        unet()
            .random(UNET + "out.2.bias", DType.F32, Shape.of(4), 1, gen)
            .put(UNET + "out.2.scale_weight", DType.F32, Shape.of(), 1f);
    assertThat(inspect(file.write(path("mixed.safetensors")).toString()).out())
        .contains("the UNet mixes types: fp16/fp32", "scaled fp8");
  }

  @Test
  void findsDamagedPositionIdsWithoutAScan() {
    TensorFile file =
        base(UNET + "input_blocks.1.1.", Sample.TEXT + "encoder.layers.0.")
            .put(
                Sample.TEXT + "embeddings.position_ids",
                DType.BF16,
                Shape.of(1, 77),
                new float[77]);
    CommandLineRun run = inspect(file.write(path("base.safetensors")).toString());
    assertThat(run.out()).contains("76 of 77 numbers are wrong, stored as bf16", "--fix-positions");
    assertThat(run.code()).isZero();
  }

  @Test
  void listsEveryTensorWhenAsked() {
    String file = unet().write(path("base.safetensors")).toString();
    assertThat(inspect("-v", file).out()).contains("  " + TO_Q + ": fp16 [320, 320]");
    assertThat(inspect(file).out()).doesNotContain(TO_Q + ":");
  }

  @Test
  void showsTrainingAndRecipeOfALora() {
    TensorFile lora =
        Sample.pair(new TensorFile(), MODULE, 320, 4, 320, DType.F16, gen)
            .metadata("ss_base_model_version", "sd_v1")
            .metadata("ss_training_comment", "for tests")
            .metadata("ss_tag_frequency", "{\"10_ink\":{\"ink\":3,\"cat\":5}}");
    assertThat(inspect(lora.write(path("lora.safetensors")).toString()).out())
        .contains("base model: sd_v1", "training comment: for tests", "top tags: cat (5), ink (3)");
  }

  @Test
  void scansASoundFile() {
    String file = unet().write(path("base.safetensors")).toString();
    CommandLineRun run = inspect("--scan", "--threads", "3", file);
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("every value is a finite number");
  }

  private Path sick() {
    float[] sick = new float[320];
    sick[3] = Float.NaN;
    sick[7] = Float.NEGATIVE_INFINITY;
    sick[319] = Float.NaN;
    return unet()
        .put(UNET + "out.0.bias", DType.F16, Shape.of(320), sick)
        .put(TO_Q, DType.F16, Shape.of(320, 320), new float[320 * 320])
        .put(UNET + "out.2.bias", DType.F16, Shape.of(4), new float[4])
        .write(path("sick.safetensors"));
  }

  @Test
  void listsNanInfinityAndHolesAndReturnsFour() {
    CommandLineRun run = inspect("--scan", "-v", sick().toString());
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.out())
        .contains(
            "NaN or infinite: " + UNET + "out.0.bias: 2 NaN, 1 infinite of 320 values",
            "all zero, perhaps a hole: " + TO_Q,
            "1 small tensors are all zero")
        .doesNotContain("every value is a finite number");
  }

  @Test
  void doesNotTakeZerosForDamage() {
    Path file =
        unet()
            .put(TO_Q, DType.F16, Shape.of(320, 320), new float[320 * 320])
            .write(path("hole.safetensors"));
    assertThat(inspect("--scan", file.toString()).code()).isZero();
  }

  @Test
  void findsAFlippedBitOfATorchFileByItsChecksum() throws IOException {
    Path file = unet().writeTorch(path("base.ckpt"), true);
    assertThat(inspect("--scan", file.toString()).code()).isZero();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    CommandLineRun run = inspect("--scan", file.toString());
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.out()).contains("wrong checksum: ").contains("archive/data/");
    assertThat(inspect(file.toString()).code()).isZero();
  }

  @Test
  void doesNotRepeatTheFileNameInNotes() {
    Path file = unet().writeTorch(path("base.ckpt"), true);
    assertThat(inspect(file.toString()).out())
        .contains("note: the weights are under state_dict")
        .doesNotContain("note: base.ckpt");
  }

  @Test
  void saysNothingOfAnOrdinaryTorchFileWhileMerging() {
    Path file = unet().writeTorch(path("base.ckpt"), true);
    Path lora =
        Sample.pair(new TensorFile(), MODULE, 320, 4, 320, DType.F16, gen)
            .writeTorch(path("lora.pt"), true);
    String[] check = {"check", "--base", file.toString(), lora.toString()};
    CommandLineRun run = CommandLineRun.of((out, err) -> new Main(out, err).run(check));
    assertThat(run.code()).isZero();
    assertThat(run.err()).doesNotContain("state_dict");
  }

  @Test
  void writesEverythingAsOneJsonObject() {
    CommandLineRun run = inspect("--json", "--scan", sick().toString());
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.out().strip().lines()).hasSize(1);
    assertThat(run.out())
        .contains(
            "\"non_finite\":[{\"key\":\"" + UNET + "out.0.bias\",\"nan\":2,\"infinite\":1}]",
            "\"all_zero\":[\"" + TO_Q + "\"]",
            "\"wrong_checksum\":[]",
            "{\"key\":\"" + TO_Q + "\",\"dtype\":\"F16\",\"shape\":[320,320]}");
    try (JsonParser json = new JsonFactory().createParser(ObjectReadContext.empty(), run.out())) {
      json.nextToken();
      json.skipChildren();
      assertThat(json.nextToken()).isNull();
    }
  }

  @Test
  void scansTensorsWithoutElements() {
    Path file =
        unet()
            .put(new TensorInfo("v_pred", DType.F32, Shape.of(0)), new byte[0])
            .write(path("marked.safetensors"));
    assertThat(inspect("--scan", file.toString()).code()).isZero();
  }
}
