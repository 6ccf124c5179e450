package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.JavaProcess;
import athanor.testkit.Known;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands whose result is a LoRA: their switches, reports and forecasts, as people type them. */
class LoraCommandsTest {
  private static final String Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String TEXT = "lora_te_text_model_encoder_layers_0_mlp_fc1";

  @TempDir private Path folder;
  private String one = "";
  private String other = "";

  @BeforeEach
  void makeTheLoras() {
    one = lora("one", 4, 2, 1);
    other = lora("other", 4, 4, 2);
  }

  private String lora(String name, int rank, float alpha, long seed) {
    Gen gen = Gen.fixed(seed);
    TensorFile file = Sample.pair(new TensorFile(), Q, 320, rank, 320, DType.F16, gen);
    return Sample.pair(file, TEXT, 3072, rank, 768, DType.F16, gen)
        .put(Q + ".alpha", DType.F16, Shape.of(), alpha)
        .put(TEXT + ".alpha", DType.F16, Shape.of(), alpha)
        .write(folder.resolve(name + ".safetensors"))
        .toString();
  }

  private String result(String name) {
    return folder.resolve(name + ".safetensors").toString();
  }

  private CommandLineRun run(String... arguments) {
    return CommandLineRun.of((out, err) -> new Main(out, err).run(arguments));
  }

  private CommandLineRun good(String... arguments) {
    CommandLineRun run = run(arguments);
    assertThat(run.code()).as(run.err()).isZero();
    return run;
  }

  private void assertSameTensors(String name, String otherName) {
    Map<String, byte[]> left = TensorFile.allBytes(Path.of(result(name)));
    Map<String, byte[]> right = TensorFile.allBytes(Path.of(result(otherName)));
    assertThat(left.keySet()).isEqualTo(right.keySet());
    left.forEach((key, bytes) -> assertThat(Arrays.equals(bytes, right.get(key))).as(key).isTrue());
  }

  private void assertNothingWritten() throws IOException {
    try (var files = Files.list(folder)) {
      assertThat(files.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("one.safetensors", "other.safetensors");
    }
  }

  @Test
  void shuffleIsTakenSaysThatItDoesNothingAndDoesNothing() {
    good("merge", one, other + "@0.5", "--out", result("plain"));
    CommandLineRun run = good("merge", "--shuffle", one, other + "@0.5", "-o", result("shuffled"));
    assertThat(run.err()).contains("--shuffle has no effect");
    assertSameTensors("plain", "shuffled");
  }

  @Test
  void aDryRunSaysRankSizeAndMemoryAndWritesNothing() throws IOException {
    CommandLineRun run = good("merge", "--dry-run", one, other, "--out", result("out"));
    assertThat(run.out())
        .contains("one.safetensors", "other.safetensors")
        .containsPattern("would write .*out.safetensors: LoRA for SD 1.x, exact, rank 8, fp16")
        .contains("of memory");
    assertThat(good("merge", "--dry-run", "--rank", "3", one, other, "-o", result("out")).out())
        .contains("rank 3");
    assertNothingWritten();
  }

  @Test
  void aDryRunAsJsonIsOneForecast() throws IOException {
    String out = good("merge", "--dry-run", "--json", one, other, "-o", result("out")).out();
    assertThat(out.lines().filter(line -> line.contains("\"result\":\"forecast\"")))
        .singleElement()
        .asString()
        .containsPattern("\"bytes\":[1-9]")
        .containsPattern("\"free_bytes\":[1-9]")
        .containsPattern("\"memory_bytes\":[1-9]");
    assertNothingWritten();
  }

  @Test
  void aMergeAsJsonSaysMethodRankErrorAndWhatWasApplied() {
    String out = good("merge", "--json", "--rank", "3", one, other, "-o", result("out")).out();
    assertThat(out.lines())
        .allMatch(line -> line.startsWith("{") && line.endsWith("}"))
        .anyMatch(line ->
            line.contains("\"result\":\"merge\"")
                && line.contains("\"method\":\"svd\"")
                && line.contains("\"rank\":\"3\"")
                && line.contains("\"dtype\":\"fp16\"")
                && line.contains("\"relative_error\":0.")
                && line.contains("\"worst_module\":\"lora_")
                && line.contains("\"applied\":2,\"modules\":2"));
  }

  @Test
  void verboseShowsTheFactorsOfBlocksOfALoraMerge() {
    CommandLineRun run =
        good("merge", "-v", one + "@0.6,te=0.3,lbw=ALL0.5", other, "-o", result("out"));
    assertThat(run.out())
        .containsPattern("BASE \\(text encoder\\) +0\\.15")
        .containsPattern("IN01 +0\\.3")
        .contains("one.safetensors@0.6, te 0.3, lbw ALL0.5: applied 2 of 2 modules");
    String json = good("merge", "--json", one + ",skip=mlp", other, "-o", result("b")).out();
    assertThat(json).contains("\"weights\":{\"skip\":[\"mlp\"]}", "\"left_out\":1");
  }

  @Test
  void kohyasMethodRoundsToThePrecisionOfTheMergeAndStoresIt() {
    for (String precision : List.of("fp16", "bf16")) {
      good(
          "merge",
          "--method",
          "kohya",
          "--models",
          one,
          other,
          "--ratios",
          "0.7",
          "0.5",
          "--precision",
          precision,
          "--save_to",
          result(precision));
      DType dtype = precision.equals("fp16") ? DType.F16 : DType.BF16;
      try (SafetensorsFile file = SafetensorsFile.open(Path.of(result(precision)))) {
        assertThat(file.tensors()).extracting(TensorInfo::dtype).containsOnly(dtype);
      }
      String key = Q + ".lora_down.weight";
      float[] first = TensorFile.floats(Path.of(one), key);
      float[] second = TensorFile.floats(Path.of(other), key);
      float[] found = TensorFile.floats(Path.of(result(precision)), key);
      float rootOfAlphas = (float) (Math.sqrt(2) * 0.5);
      for (int i = 0; i < found.length; i++) {
        float a = rounded(dtype, rounded(dtype, first[i]) * 0.7f);
        float b = rounded(dtype, rounded(dtype, second[i]) * rootOfAlphas);
        assertThat(found[i]).as(precision + " " + i).isEqualTo(rounded(dtype, a + b));
      }
    }
  }

  private static float rounded(DType dtype, float value) {
    if (dtype == DType.F16) {
      return Float.float16ToFloat(Float.floatToFloat16(value));
    }
    int bits = Float.floatToRawIntBits(value);
    return Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
  }

  @Test
  void kohyasMethodMayStoreAnotherTypeThanItMergesIn() {
    good(
        "merge",
        "--method",
        "kohya",
        one,
        other,
        "--precision",
        "fp16",
        "--save_precision",
        "float",
        "-o",
        result("wide"));
    good("merge", "--method", "kohya", one, other, "--precision", "fp16", "-o", result("half"));
    String key = TEXT + ".lora_up.weight";
    assertThat(TensorFile.floats(Path.of(result("wide")), key))
        .isEqualTo(TensorFile.floats(Path.of(result("half")), key));
    try (SafetensorsFile file = SafetensorsFile.open(Path.of(result("wide")))) {
      assertThat(file.tensors()).extracting(TensorInfo::dtype).containsOnly(DType.F32);
    }
  }

  @Test
  void resizeShowsEachModuleWhenVerboseAndOneObjectAsJson() {
    CommandLineRun run = good("resize", "-v", one, "--rank", "2", "--out", result("a"));
    assertThat(run.out())
        .contains("2 modules, rank 2 (before: 4)")
        .containsPattern(Q + " +4 +2 +\\d+\\.\\d+ %")
        .containsPattern(TEXT + " +4 +2 +\\d");
    String json = good("resize", "--json", one, "--rank", "2", "-o", result("b")).out();
    assertThat(json.lines().filter(line -> line.contains("\"result\"")))
        .singleElement()
        .asString()
        .contains("\"result\":\"resize\"", "\"modules\":2", "\"rank\":\"2\"")
        .contains("\"rank_before\":\"4\"", "\"relative_error\":0.", "\"worst_module\":\"lora_");
    assertSameTensors("a", "b");
  }

  private List<String> extraction(String... options) {
    Path base =
        new TensorFile()
            .random(Sample.sd1(DType.F16), 0.05, Gen.fixed(4))
            .write(folder.resolve("base.safetensors"));
    good("merge", "--base", base.toString(), one, "--out", result("tuned"), "--overwrite");
    List<String> arguments = new ArrayList<>(List.of("extract", "--base", base.toString()));
    arguments.addAll(List.of("--tuned", result("tuned"), "--rank", "4"));
    arguments.addAll(List.of(options));
    return arguments;
  }

  @Test
  void extractShowsEachModuleWhenVerboseAndOneObjectAsJson() {
    CommandLineRun run = good(extraction("-v", "--out", result("a")).toArray(String[]::new));
    assertThat(run.out()).contains("2 modules, rank 4").containsPattern(Q + " +320 +4 +\\d");
    String json = good(extraction("--json", "-o", result("b")).toArray(String[]::new)).out();
    assertThat(json.lines().filter(line -> line.contains("\"result\":\"extract\"")))
        .singleElement()
        .asString()
        .contains("\"modules\":2", "\"rank\":\"4\"", "\"relative_error\":");
    assertSameTensors("a", "b");
  }

  /** LoRAs and weights too large for the heap that Java is given. */
  @ParameterizedTest
  @CsvSource({
    "merge BIG BIG --out OUT",
    "merge BIG BIG --out OUT --dry-run",
    "merge BIG BIG --out OUT --rank 8",
    "merge BIG BIG --out OUT --keep 0.9",
    "merge BIG BIG --out OUT --method kohya",
    "resize BIG --out OUT --rank 8",
    "resize BIG --out OUT --method sv_fro --param 0.9",
    "resize BIG --out OUT --target-size 1MB",
    "extract --base BASE --tuned TUNED --rank 8 --out OUT"
  })
  void tooLittleHeapIsSaidBeforeTheWork(String line) throws Exception {
    String arguments =
        line.replace("BIG", big())
            .replace("OUT", result("out"))
            .replace("BASE", wide("wide-base", 1))
            .replace("TUNED", wide("wide-tuned", 2));
    List<String> command = new ArrayList<>(JavaProcess.command(Main.class, arguments.split(" ")));
    command.add(1, "-Xmx40m");
    CommandLineRun run = JavaProcess.end(JavaProcess.start(command));
    assertThat(run.code()).as(run.out()).isEqualTo(6);
    assertThat(run.out())
        .contains("more memory than Java may use", "ATHANOR_JAVA_OPTIONS=-Xmx", "--threads 1")
        .doesNotContain("OutOfMemoryError", "\tat ");
    assertThat(Path.of(result("out"))).doesNotExist();
  }

  private String big() {
    String module = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q";
    TensorFile file = Sample.pair(new TensorFile(), Q, 320, 2, 320, DType.F16, Gen.fixed(3));
    Sample.pair(file, TEXT, 3072, 2, 768, DType.F16, Gen.fixed(3));
    return Sample.pair(file, module, 1280, 1200, 1280, DType.F16, Gen.fixed(3))
        .write(folder.resolve("big.safetensors"))
        .toString();
  }

  private String wide(String name, long seed) {
    return new TensorFile()
        .random(
            Sample.cutting(
                Known.SD1,
                DType.F16,
                Sample.UNET + "input_blocks.0.",
                Sample.UNET + "input_blocks.1.1.",
                Sample.UNET + "middle_block.1.transformer_blocks.0.ff.net.2."),
            0.05,
            Gen.fixed(seed))
        .write(folder.resolve(name + ".safetensors"))
        .toString();
  }
}
