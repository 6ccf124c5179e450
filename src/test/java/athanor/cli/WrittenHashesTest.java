package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.format.ModelHash;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every hash that a command writes is that of its own file: {@code sshs_model_hash} is the SHA-256
 * of all bytes behind the header, which model sites compute as AutoV3.
 */
class WrittenHashesTest {
  private static final String Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String TEXT = "lora_te_text_model_encoder_layers_0_self_attn_q_proj";
  private static final String PEFT_Q =
      "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(5);

  /** Files whose order is not the one in which kohya's scripts hash, and whose hashes are stale. */
  @BeforeEach
  void files() {
    TensorFile kohya = new TensorFile();
    Sample.pair(kohya, TEXT, 768, 8, 768, DType.F32, gen)
        .put(TEXT + ".alpha", DType.F32, Shape.of(), 3)
        .put(Q + ".alpha", DType.BF16, Shape.of(), 2);
    stale(Sample.pair(kohya, Q, 320, 8, 320, DType.F32, gen)).write(file("kohya"));
    stale(
            new TensorFile()
                .random(PEFT_Q + ".lora_B.weight", DType.F16, Shape.of(320, 4), 0.1, gen)
                .random(PEFT_Q + ".lora_A.weight", DType.F32, Shape.of(4, 320), 0.1, gen)
                .metadata("lora_adapter_metadata", "{\"unet.r\": 4, \"unet.lora_alpha\": 7}"))
        .write(file("peft"));
    stale(new TensorFile().random(Sample.corner(DType.F32), 0.05, gen)).write(file("base"));
    new TensorFile().random(Sample.corner(DType.F32), 0.05, gen).write(file("tuned"));
  }

  private static TensorFile stale(TensorFile file) {
    return file.metadata("ss_network_dim", "8")
        .metadata("sshs_model_hash", "0123456789abcdef".repeat(4))
        .metadata("sshs_legacy_hash", "01234567")
        .metadata("modelspec.hash_sha256", "0x" + "0123456789abcdef".repeat(4));
  }

  private Path file(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private void run(String line) {
    String[] words = line.split(" ");
    for (int i = 0; i < words.length; i++) {
      boolean spelling = i > 0 && words[i - 1].matches("--(format|method)");
      if (!spelling && words[i].matches("(kohya|peft|base|tuned|out)(@.*)?")) {
        words[i] = folder.resolve(words[i].replaceFirst("(@.*)?$", ".safetensors$1")).toString();
      }
    }
    CommandLineRun run = CommandLineRun.of((out, err) -> new Main(out, err).run(words));
    assertThat(run.code()).as(line + ": " + run.err()).isZero();
  }

  private void assertOwnHashes() throws IOException, NoSuchAlgorithmException {
    byte[] bytes = Files.readAllBytes(file("out"));
    int header = 8 + (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
    sha256.update(bytes, header, bytes.length - header);
    String values = HexFormat.of().formatHex(sha256.digest());
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      ModelHash hash = ModelHash.of(out);
      assertThat(out.metadata())
          .containsEntry("sshs_model_hash", values)
          .containsEntry("sshs_model_hash", hash.model())
          .containsEntry("sshs_legacy_hash", hash.legacy())
          .doesNotContainKey("modelspec.hash_sha256");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "convert kohya --out out",
        "convert kohya --out out --save_precision fp16",
        "convert kohya --out out --save_precision bf16",
        "convert kohya --out out --save_precision float",
        "convert kohya --out out --save_precision fp8_e4m3",
        "convert kohya --out out --format peft",
        "convert kohya --out out --format peft --save_precision bf16",
        "convert kohya --out out --format kohya --save_precision fp16",
        "convert peft --out out",
        "convert peft --out out --save_precision fp16",
        "convert peft --out out --format kohya",
        "convert peft --out out --format kohya --save_precision bf16",
        "resize kohya --rank 2 --out out",
        "resize kohya --rank 2 --save_precision fp16 --out out",
        "resize kohya --rank 8 --dynamic_method sv_fro --dynamic_param 0.9 --out out",
        "resize peft --rank 2 --out out",
        "merge kohya@0.5 peft@0.25 --out out",
        "merge kohya@0.5 peft@0.25 --save_precision bf16 --out out",
        "merge kohya@0.5 peft@0.25 --rank 4 --out out",
        "merge kohya@0.5 peft@0.25 --format peft --out out",
        "merge kohya@0.5 --method kohya --save_precision fp16 --out out",
        "merge kohya@0.5 kohya@0.2 --no_metadata --out out",
        "extract --base base --tuned tuned --rank 2 --out out",
        "extract --base base --tuned tuned --rank 2 --save_precision fp16 --no_metadata --out out"
      })
  void aLoraHasTheHashesOfItsOwnBytes(String line) throws IOException, NoSuchAlgorithmException {
    run(line);
    assertOwnHashes();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "convert kohya --no_metadata --out out",
        "convert peft --no_metadata --out out",
        "convert base --save_precision fp16 --out out",
        "convert base --out out",
        "merge --base base kohya@0.5 --out out",
        "merge --base base kohya@0.5 --no_metadata --out out"
      })
  void noHashOfAnotherFileIsCarriedOver(String line) {
    run(line);
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.metadata())
          .doesNotContainKeys("sshs_model_hash", "sshs_legacy_hash", "modelspec.hash_sha256");
    }
  }

  @Test
  void aTorchFileHasNoPlaceForHashes() {
    String out = folder.resolve("out.ckpt").toString();
    run("convert kohya --out " + out);
    assertThat(Path.of(out)).isNotEmptyFile();
  }
}
