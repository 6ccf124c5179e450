package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import athanor.file.OutputTarget;
import athanor.kernel.Kernels;
import athanor.merge.lora.extract.ExtractionOptions;
import athanor.merge.lora.resize.RankRule;
import athanor.merge.lora.resize.ResizeOptions;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.LoraInput;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.Delta64;
import athanor.testkit.Gen;
import athanor.testkit.LoraMerging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done as kohya's scripts do it, against those scripts themselves. */
@Tag("reference")
class KohyaConformanceTest {
  private static final Kernels KERNELS = Kernels.create();
  private static final Path DRIVER = Path.of("conformance", "kohya", "run_scripts.py");
  private static final String Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String PROJ = "lora_unet_down_blocks_0_attentions_0_proj_in";
  private static final String CONV = "lora_unet_down_blocks_0_resnets_0_conv1";
  private static final String TEXT = "lora_te_text_model_encoder_layers_0_mlp_fc1";

  @TempDir Path folder;
  private final Gen gen = Gen.fixed(29);
  private final List<String> commands = new ArrayList<>();

  @BeforeAll
  static void needsTheScripts() throws Exception {
    String reason =
        checkout().isEmpty()
            ? "ATHANOR_SD_SCRIPTS does not name a checkout of sd-scripts"
            : python("-c", "import torch, diffusers, transformers, safetensors") == 0
                ? ""
                : python() + " lacks torch, diffusers, transformers or safetensors";
    if (!reason.isEmpty()) {
      System.out.println("SKIPPED: " + reason + "; see conformance/kohya/README.md");
    }
    assumeTrue(reason.isEmpty(), reason);
  }

  private static Optional<Path> checkout() {
    return Optional.ofNullable(System.getenv("ATHANOR_SD_SCRIPTS"))
        .map(Path::of)
        .filter(path -> Files.isRegularFile(path.resolve("networks/merge_lora.py")));
  }

  private static String python() {
    return Optional.ofNullable(System.getenv("ATHANOR_PYTHON")).orElse("python3");
  }

  /** The exit code; the output is printed if it is not 0. */
  private static int python(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(python()));
    command.addAll(List.of(arguments));
    Path messages = Files.createTempFile("athanor", ".log");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(messages.toFile())
              .start();
      int code = process.waitFor();
      if (code != 0) {
        System.out.println(Files.readString(messages));
      }
      return code;
    } finally {
      Files.delete(messages);
    }
  }

  private void kohya(String script, Stream<String> arguments) {
    commands.add(
        Stream.concat(Stream.of(script), arguments)
            .map(argument -> "\"" + argument.replace("\\", "\\\\") + "\"")
            .collect(Collectors.joining(", ", "[", "]")));
  }

  private void runScripts() throws Exception {
    Path list = Files.write(folder.resolve("commands"), commands);
    assertThat(python(DRIVER.toString(), checkout().orElseThrow().toString(), list.toString()))
        .isZero();
  }

  private Path file(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private static Map<String, String> metadata(Path path) {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      return new TreeMap<>(file.metadata());
    }
  }

  private static Map<String, TensorInfo> tensors(Path path) {
    try (StateDict file = SafetensorsFile.open(path)) {
      return file.tensors().stream()
          .collect(Collectors.toMap(TensorInfo::key, tensor -> tensor, (a, b) -> a, TreeMap::new));
    }
  }

  /** Linear layers, a 1×1 and a 3×3 convolution; alphas may be missing. */
  private Path lora(String name, DType dtype, int rank, float... alphas) {
    var file =
        Sample.pair(new TensorFile(), Q, 320, rank, 320, dtype, gen)
            .random(PROJ + ".lora_up.weight", dtype, Shape.of(320, rank, 1, 1), 0.1, gen)
            .random(PROJ + ".lora_down.weight", dtype, Shape.of(rank, 320, 1, 1), 0.1, gen)
            .random(CONV + ".lora_up.weight", dtype, Shape.of(320, rank, 1, 1), 0.1, gen)
            .random(CONV + ".lora_down.weight", dtype, Shape.of(rank, 320, 3, 3), 0.1, gen);
    Sample.pair(file, TEXT, 3072, rank, 768, dtype, gen);
    List<String> modules = List.of(Q, PROJ, CONV, TEXT);
    for (int i = 0; i < alphas.length; i++) {
      file.put(modules.get(i) + ".alpha", dtype, Shape.of(), alphas[i]);
    }
    return file.metadata("ss_v2", "False")
        .metadata("ss_base_model_version", "sd_v1")
        .write(file(name));
  }

  private record Merge(
      String name,
      Precision precision,
      Optional<Precision> saved,
      boolean concat,
      double... ratios) {
    Merge(String name, Precision precision, boolean concat, double... ratios) {
      this(name, precision, Optional.empty(), concat, ratios);
    }

    Stream<String> arguments(List<Path> loras, Path output) {
      List<String> all = new ArrayList<>(List.of("--save_to", output.toString(), "--models"));
      loras.forEach(lora -> all.add(lora.toString()));
      all.add("--ratios");
      for (double ratio : ratios) {
        all.add(Double.toString(ratio));
      }
      all.addAll(List.of("--precision", precision.name().toLowerCase(Locale.ROOT)));
      saved.ifPresent(
          p -> all.addAll(List.of("--save_precision", p.name().toLowerCase(Locale.ROOT))));
      if (concat) {
        all.add("--concat");
      }
      return all.stream();
    }
  }

  private void mergesAsKohya(List<Path> loras, List<Merge> merges, boolean withAlphas)
      throws Exception {
    for (Merge merge : merges) {
      kohya("merge_lora.py", merge.arguments(loras, file("kohya-" + merge.name())));
    }
    runScripts();
    for (Merge merge : merges) {
      LoraInput[] inputs = new LoraInput[loras.size()];
      for (int i = 0; i < inputs.length; i++) {
        inputs[i] = new LoraInput(loras.get(i), merge.ratios()[i]);
      }
      Path ours = file("ours-" + merge.name());
      Path theirs = file("kohya-" + merge.name());
      LoraMerging.of(inputs)
          .kohya(merge.concat())
          .options(new MergeOptions(merge.precision(), merge.saved(), true, false, false))
          .into(ours);
      assertThat(tensors(ours)).as(merge.name()).isEqualTo(tensors(theirs));
      Map<String, byte[]> expected = TensorFile.allBytes(theirs);
      TensorFile.allBytes(ours)
          .forEach((key, bytes) ->
              assertThat(bytes).as(merge.name() + ", " + key).isEqualTo(expected.get(key)));
      // The script hashes before it casts: in fp16 its hashes are not those of the file.
      boolean hashes = withAlphas && merge.precision() == Precision.FLOAT;
      assertThat(described(ours, hashes)).as(merge.name()).isEqualTo(described(theirs, hashes));
    }
  }

  /** What both say of the network, and of what is no matter of time and place. */
  private static Map<String, String> described(Path path, boolean withHashes) {
    Map<String, String> metadata = metadata(path);
    metadata
        .keySet()
        .removeIf(key ->
            !(key.startsWith("ss_")
                || withHashes && key.startsWith("sshs_")
                || key.equals("modelspec.architecture")
                || key.equals("modelspec.merged_from")));
    return metadata;
  }

  @Test
  void mergesBitForBitAsMergeLora() throws Exception {
    List<Path> loras =
        List.of(
            lora("a", DType.F32, 4, 2, 2, 4, 1),
            lora("b", DType.F16, 4, 4, 1, 4, 3),
            lora("c", DType.BF16, 4, 1, 2, 3, 4));
    mergesAsKohya(
        loras,
        List.of(
            new Merge("float", Precision.FLOAT, false, 0.7, -0.4, 1),
            new Merge("fp16", Precision.FP16, false, 0.7, -0.4, 1),
            new Merge("concat", Precision.FLOAT, true, 0.7, -0.4, 1),
            new Merge("concat-fp16", Precision.FP16, true, 0.7, -0.4, 1)),
        true);
  }

  @Test
  void mergesBitForBitWithoutAlphasAndIntoAnotherType() throws Exception {
    mergesAsKohya(
        List.of(lora("a", DType.F16, 4), lora("b", DType.F16, 4, 8, 8)),
        List.of(
            new Merge("plain", Precision.FLOAT, false, 1, 0.5),
            new Merge("cast", Precision.FLOAT, Optional.of(Precision.FP16), false, 1, 0.5),
            new Merge("widened", Precision.FP16, Optional.of(Precision.FLOAT), false, 1, 0.5)),
        false);
  }

  /** With alphas merge_lora.py fails at this precision: NumPy has no such type. */
  @Test
  void mergesBitForBitInBf16() throws Exception {
    mergesAsKohya(
        List.of(lora("a", DType.F16, 4), lora("b", DType.F32, 4), lora("c", DType.BF16, 4)),
        List.of(
            new Merge("bf16", Precision.BF16, false, 0.3, 1.1, -0.25),
            new Merge("bf16-concat", Precision.BF16, true, 0.3, 1.1, -0.25)),
        false);
  }

  @Test
  void concatenatesDifferentRanksBitForBit() throws Exception {
    List<Path> loras =
        List.of(lora("a", DType.F16, 4, 4, 4, 4, 4), lora("b", DType.F16, 6, 3, 3, 3, 3));
    mergesAsKohya(loras, List.of(new Merge("ranks", Precision.FLOAT, true, 0.5, 0.5)), true);
  }

  private record Resize(String name, RankRule rule, int rank, int convRank) {
    Stream<String> arguments(Path input, Path output) {
      List<String> all =
          new ArrayList<>(List.of("--model", input.toString(), "--save_to", output.toString()));
      all.addAll(List.of("--save_precision", "float"));
      all.addAll(List.of("--new_rank", Integer.toString(rank)));
      all.addAll(List.of("--new_conv_rank", Integer.toString(convRank)));
      if (rule instanceof RankRule.Dynamic dynamic) {
        all.addAll(List.of("--dynamic_method", dynamic.method().toString()));
        all.addAll(List.of("--dynamic_param", Double.toString(dynamic.parameter())));
      }
      return all.stream();
    }
  }

  @Test
  void resizesAsResizeLora() throws Exception {
    Path input = smallLora();
    List<Resize> resizes =
        List.of(
            new Resize("fixed", new RankRule.Fixed(), 8, 5),
            new Resize("uniform", new RankRule.Fixed(), 6, 6),
            dynamic(RankRule.Method.SV_RATIO, 1.5),
            dynamic(RankRule.Method.SV_RATIO, 1.02),
            dynamic(RankRule.Method.SV_FRO, 0.8),
            dynamic(RankRule.Method.SV_FRO, 0.3),
            dynamic(RankRule.Method.SV_CUMULATIVE, 0.5),
            dynamic(RankRule.Method.SV_CUMULATIVE, 0.01));
    for (Resize resize : resizes) {
      kohya("resize_lora.py", resize.arguments(input, file("kohya-" + resize.name())));
    }
    runScripts();
    for (Resize resize : resizes) {
      Path ours = file("ours-" + resize.name());
      Path theirs = file("kohya-" + resize.name());
      new ResizeRun(KERNELS, 2, Progress.NONE, new Cancellation())
          .run(
              input,
              new ResizeOptions(
                  resize.rule(),
                  resize.rank(),
                  resize.convRank(),
                  OptionalLong.empty(),
                  Optional.of(DType.F32)),
              OutputTarget.of(ours, false));
      sameLora(resize.name(), ours, theirs, 1e-4);
      Map<String, String> said = metadata(theirs);
      Map<String, String> saying = metadata(ours);
      // Where alphas differ the script says the last one, and Athanor "Dynamic".
      said.keySet().removeIf(key -> !key.startsWith("ss_") || key.equals("ss_network_alpha"));
      assertThat(saying).as(resize.name()).containsAllEntriesOf(said);
      assertThat(saying).as(resize.name()).containsEntry("ss_network_alpha", "Dynamic");
    }
  }

  /** Small weights, because the script decomposes them in full. */
  private Path smallLora() {
    DType dtype = DType.F16;
    return Sample.pair(new TensorFile(), Q, 96, 24, 80, dtype, gen)
        .put(Q + ".alpha", dtype, Shape.of(), 12)
        .random(PROJ + ".lora_up.weight", dtype, Shape.of(64, 24, 1, 1), 0.1, gen)
        .random(PROJ + ".lora_down.weight", dtype, Shape.of(24, 72, 1, 1), 0.1, gen)
        .put(PROJ + ".alpha", dtype, Shape.of(), 6)
        .random(CONV + ".lora_up.weight", dtype, Shape.of(48, 24, 1, 1), 0.1, gen)
        .random(CONV + ".lora_down.weight", dtype, Shape.of(24, 10, 3, 3), 0.1, gen)
        .put(CONV + ".alpha", dtype, Shape.of(), 24)
        .metadata("ss_training_comment", "flowers")
        .write(file("in"));
  }

  private static Resize dynamic(RankRule.Method method, double parameter) {
    return new Resize(method + "-" + parameter, new RankRule.Dynamic(method, parameter), 20, 16);
  }

  /** Equal keys, shapes and alphas, and ΔW equal within a share of its norm. */
  private static void sameLora(String name, Path ours, Path theirs, double tolerance) {
    Map<String, TensorInfo> found = tensors(ours);
    Map<String, TensorInfo> expected = tensors(theirs);
    assertThat(found.keySet()).as(name).isEqualTo(expected.keySet());
    found.forEach((key, tensor) ->
        assertThat(tensor.shape()).as(name + ", " + key).isEqualTo(expected.get(key).shape()));
    for (String key : found.keySet()) {
      if (key.endsWith(".alpha")) {
        assertThat(TensorFile.floats(ours, key))
            .as(name + ", " + key)
            .isEqualTo(TensorFile.floats(theirs, key));
      }
    }
    Map<String, double[]> updates = Delta64.of(theirs);
    Delta64.of(ours)
        .forEach((module, update) ->
            assertThat(Delta64.distance(update, updates.get(module)))
                .as(name + ", " + module)
                .isLessThan(tolerance * Delta64.norm(update)));
  }

  @Test
  void extractsAsExtractLoraFromModels() throws Exception {
    List<TensorInfo> cutting = Sample.sd1(DType.F32);
    Path base = new TensorFile().random(cutting, 0.05, gen).write(file("base"));
    Path tuned = tuned(base, cutting);
    record Extraction(String name, int rank, OptionalInt conv, double quantile) {}
    List<Extraction> extractions =
        List.of(
            new Extraction("linear", 4, OptionalInt.empty(), 0.99),
            new Extraction("conv", 6, OptionalInt.of(2), 0.99),
            new Extraction("uncut", 4, OptionalInt.of(3), 1));
    for (Extraction one : extractions) {
      List<String> arguments =
          new ArrayList<>(
              List.of("--model_org", base.toString(), "--model_tuned", tuned.toString()));
      arguments.addAll(List.of("--save_to", file("kohya-" + one.name()).toString()));
      arguments.addAll(List.of("--save_precision", "float", "--dim", "" + one.rank()));
      arguments.addAll(List.of("--clamp_quantile", Double.toString(one.quantile())));
      one.conv().ifPresent(rank -> arguments.addAll(List.of("--conv_dim", "" + rank)));
      kohya("extract_lora_from_models.py", arguments.stream());
    }
    runScripts();
    for (Extraction one : extractions) {
      Path ours = file("ours-" + one.name());
      Path theirs = file("kohya-" + one.name());
      var options =
          new ExtractionOptions(
              one.rank(),
              one.conv(),
              OptionalDouble.of(one.quantile()),
              0.01,
              Precision.FLOAT,
              Optional.of(DType.F32));
      new ExtractRun(KERNELS, 2, Progress.NONE, new Cancellation())
          .run(
              new ExtractRequest(base, tuned, options, false, false, false, true),
              OutputTarget.of(ours, false));
      sameLora(one.name(), ours, theirs, 1e-4);
      Map<String, String> said = metadata(theirs);
      said.keySet().removeIf(key -> !key.startsWith("ss_"));
      assertThat(metadata(ours)).as(one.name()).containsAllEntriesOf(said);
    }
  }

  /**
   * The base with a difference of rank 6 in every layer. The difference changes its sign from one
   * half of the rows or columns to the other, and so do its singular vectors: then the quantile of
   * their values, at which the script cuts, does not depend on the sign that a decomposition
   * happens to give them.
   */
  private Path tuned(Path base, List<TensorInfo> cutting) {
    var file = new TensorFile();
    for (TensorInfo tensor : cutting) {
      boolean integer = !tensor.dtype().isArithmetic();
      if (integer) {
        file.put(tensor, TensorFile.allBytes(base).get(tensor.key()));
        continue;
      }
      float[] values = TensorFile.floats(base, tensor.key());
      if (tensor.shape().rank() >= 2 && tensor.shape().columns() % 2 == 0) {
        addOddDifference(values, (int) tensor.shape().rows());
      }
      file.put(tensor.key(), tensor.dtype(), tensor.shape(), values);
    }
    return file.write(file("tuned"));
  }

  private void addOddDifference(float[] values, int rows) {
    int columns = values.length / rows;
    int rank = 6;
    float[] up = gen.gaussians(rows / 2 * rank, 0.3);
    float[] down = gen.gaussians(rank * columns / 2, 0.3);
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        double sum = 0;
        for (int k = 0; k < rank; k++) {
          sum += up[row % (rows / 2) * rank + k] * down[k * columns / 2 + column % (columns / 2)];
        }
        boolean negative = row < rows / 2 ^ column < columns / 2;
        values[row * columns + column] += (float) (negative ? -sum : sum);
      }
    }
  }
}
