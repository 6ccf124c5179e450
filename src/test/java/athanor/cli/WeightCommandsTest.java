package athanor.cli;

import static athanor.testkit.Sample.UNET;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights on the command line, from the arguments to the file. */
class WeightCommandsTest {
  private static final String TO_Q =
      UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
  private static final String ONES = Collections.nCopies(17, 1).toString();

  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private String base = "";
  private String lora = "";

  @BeforeEach
  void makeTheFiles() {
    base =
        new TensorFile()
            .random(Sample.sd1(DType.F16), 0.05, Gen.fixed(1))
            .write(folder.resolve("base.safetensors"))
            .toString();
    TensorFile both = new TensorFile();
    Gen gen = Gen.fixed(2);
    String module = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
    Sample.pair(both, module, 320, 2, 320, DType.F16, gen);
    String text = "lora_te_text_model_encoder_layers_0_mlp_fc1";
    Sample.pair(both, text, 3072, 2, 768, DType.F16, gen);
    lora = both.write(folder.resolve("pixel.safetensors")).toString();
  }

  private int run(String... arguments) {
    out.reset();
    err.reset();
    return new Main(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(arguments);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private String result(String name) {
    return folder.resolve(name + ".safetensors").toString();
  }

  private void assertSameWeights(String one, String other) {
    var left = TensorFile.allBytes(Path.of(result(one)));
    var right = TensorFile.allBytes(Path.of(result(other)));
    left.forEach((key, bytes) -> assertThat(Arrays.equals(bytes, right.get(key))).as(key).isTrue());
  }

  @Test
  void theSpellingsOfOneMergeGiveTheSameBytes() {
    assertThat(run("merge", "--base", base, lora + "@0.5,te=0.25,lbw=" + list(), "-o", result("a")))
        .isZero();
    assertThat(
            run(
                "merge",
                "--sd_model",
                base,
                "--save_to",
                result("b"),
                "--models",
                lora + ",te=0.25",
                "--ratios",
                "0.5",
                "--lbws",
                "[" + list() + "]"))
        .isZero();
    String prompt = "a cat <lora:pixel:0.25:0.5:lbw=" + list() + ">, <3";
    assertThat(
            run(
                "merge",
                "--base",
                base,
                "--prompt",
                prompt,
                "--lora-dir",
                folder.toString(),
                "-o",
                result("c")))
        .as(err())
        .isZero();
    assertSameWeights("a", "b");
    assertSameWeights("a", "c");
    assertThat(TensorFile.floats(Path.of(result("a")), TO_Q))
        .isNotEqualTo(TensorFile.floats(Path.of(base), TO_Q));
  }

  private static String list() {
    return "0.5,2" + ",1".repeat(15);
  }

  @Test
  void verboseShowsTheFactorOfEachBlock() {
    assertThat(
            run(
                "merge",
                "-v",
                "--base",
                base,
                lora + "@0.6,te=0.3,lbw=ALL0.5",
                "--out",
                result("a")))
        .isZero();
    assertThat(out())
        .contains("pixel.safetensors@0.6, te 0.3, lbw ALL0.5: applied 2 of 2 modules")
        .containsPattern("BASE \\(text encoder\\) +0\\.15 +1 +0")
        .containsPattern("IN01 +0\\.3 +1 +0");
  }

  @Test
  void checkAndDryRunShowTheWeightsAndWhatTheyLeaveOut() {
    String argument = lora + "@0.6,only=attn1";
    assertThat(run("check", "--base", base, argument)).isZero();
    assertThat(out()).contains("pixel.safetensors: only attn1, 1 left out by name", "1 of 2");
    assertThat(run("merge", "--dry-run", "--base", base, argument, "-o", result("a"))).isZero();
    assertThat(out()).contains("pixel.safetensors: only attn1, 1 left out by name");
    assertThat(run("check", "--json", "--base", base, argument)).isZero();
    assertThat(out())
        .contains("\"weights\":{\"only\":[\"attn1\"]}", "\"left_out\":1", "\"block\":\"IN01\"");
  }

  @Test
  void aFilterThatFitsNothingExitsWithThree() {
    assertThat(run("check", "--base", base, lora + ",only=attn3")).isEqualTo(3);
    assertThat(out()).contains("this pattern fits no module of the LoRA", "did you mean attn1?");
    assertThat(run("merge", "--base", base, lora + ",only=attn3", "-o", result("a"))).isEqualTo(3);
  }

  @Test
  void mistakesInWeightsExitWithTwo() {
    assertThat(run("check", "--base", base, lora + ",lbw=OUTAL")).isEqualTo(2);
    assertThat(err()).contains("help: did you mean OUTALL");
    assertThat(run("check", "--base", base, lora, "--lbws", ONES, ONES)).isEqualTo(2);
    assertThat(err()).contains("found 2 lists for 1 LoRAs");
    assertThat(run("check", "--base", base, "--prompt", "<lora:pixel:1>")).isEqualTo(2);
    assertThat(err()).contains("help: say where its LoRAs are: --lora-dir FOLDER");
    assertThat(run("check", "--base", base, "--lora-dir", folder.toString())).isEqualTo(2);
    assertThat(run("check", "--base", base)).isEqualTo(2);
    assertThat(err()).contains("no LoRA was given");
    String dir = folder.toString();
    assertThat(
            run(
                "check",
                "--base",
                base,
                "--prompt",
                "<lora:pixel>",
                "--lora-dir",
                dir,
                "--lbws",
                ONES))
        .isEqualTo(2);
    assertThat(err()).contains("not for those of --prompt");
  }

  @Test
  void aLoraThatTheFolderDoesNotHaveExitsWithFour() {
    String dir = folder.toString();
    assertThat(run("check", "--base", base, "--prompt", "<lora:pixle:1>", "--lora-dir", dir))
        .isEqualTo(4);
    assertThat(err()).contains("help: did you mean pixel?");
  }

  @Test
  void aPromptAddsToTheLorasGivenAsFilesAndNotesWhatItIgnores() {
    String dir = folder.toString();
    String prompt = "<lora:pixel:0.5:dyn=8>";
    assertThat(run("check", "--base", base, lora, "--prompt", prompt, "--lora-dir", dir)).isZero();
    assertThat(err()).contains("dyn= (a lower rank) is ignored", "more than once");
  }
}
