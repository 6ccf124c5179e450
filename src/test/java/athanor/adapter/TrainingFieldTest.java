package athanor.adapter;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.adapter.format.PeftConfig;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.model.table.Section;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every field of the table of trainings does what the table says. */
class TrainingFieldTest {
  private static final String MODULE = "unet.module";

  /** Fields that decide something by their value; each has tests of its own. */
  private static final Set<String> BY_VALUE =
      Set.of(
          "r",
          "lora_alpha",
          "alpha",
          "rank_pattern",
          "alpha_pattern",
          "use_rslora",
          "peft_type",
          "init_lora_weights",
          "init_weights",
          "apply_GS",
          "coft",
          "use_cayley_neumann",
          "num_cayley_neumann_terms",
          "modules_to_save",
          "bias",
          "rs_lora");

  @TempDir private Path folder;

  private static Stream<String> fields(String section, String effect) {
    return Section.read(PeftConfig.class, "training.txt").stream()
        .filter(table -> table.name().equals(section))
        .flatMap(table ->
            table.keys().stream().filter(key -> table.text(key).split("\\s+")[0].equals(effect)));
  }

  static Stream<String> refusedFields() {
    return fields("peft", "refused");
  }

  static Stream<String> fieldsWithoutEffectOfPeft() {
    return Stream.concat(fields("peft", "nothing"), fields("peft", "tensors"));
  }

  static Stream<String> fieldsWithoutEffectOfLycoris() {
    return Stream.concat(fields("lycoris", "nothing"), fields("lycoris", "tensors"));
  }

  private static TensorFile pair() {
    return new TensorFile()
        .put(MODULE + ".lora_A.weight", DType.F32, Shape.of(2, 4), g(5, 2, 8))
        .put(MODULE + ".lora_B.weight", DType.F32, Shape.of(6, 2), g(7, 3, 12));
  }

  private static TensorFile loha() {
    return new TensorFile()
        .put("lora_unet_m.hada_w1_a", DType.F32, Shape.of(6, 2), g(5, 2, 12))
        .put("lora_unet_m.hada_w1_b", DType.F32, Shape.of(2, 4), g(7, 3, 8))
        .put("lora_unet_m.hada_w2_a", DType.F32, Shape.of(6, 2), g(3, 5, 12))
        .put("lora_unet_m.hada_w2_b", DType.F32, Shape.of(2, 4), g(9, 6, 8));
  }

  private <R> R opened(TensorFile file, Function<AdapterFile, R> use) {
    try (StateDict source =
        SafetensorsFile.open(file.write(folder.resolve("adapter.safetensors")))) {
      return use.apply(AdapterFile.of(source));
    }
  }

  /** The problem of the only module, the one of the whole file included. */
  private Optional<Problem> problem(TensorFile file) {
    return opened(
        file,
        adapter -> adapter.refusal().or(() -> adapter.problemOf(adapter.modules().getFirst())));
  }

  private static TensorFile peft(TensorFile file, String json) {
    return file.metadata("lora_adapter_metadata", json);
  }

  private static TensorFile lycoris(TensorFile file, String json) {
    return file.metadata("ss_network_args", json);
  }

  @Test
  void everyFieldThatIsHonouredIsOneWithTestsOfItsOwn() {
    assertThat(Stream.concat(fields("peft", "honoured"), fields("lycoris", "honoured")))
        .containsExactlyInAnyOrderElementsOf(BY_VALUE);
  }

  @ParameterizedTest
  @MethodSource("refusedFields")
  void aFieldThatMakesTheFactorsNoChangeOfTheWeightsIsRefused(String field) {
    for (String value : List.of("true", "[3]", "{\"a\": 1}")) {
      Problem problem = problem(peft(pair(), "{\"unet." + field + "\": " + value + "}")).get();
      assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
      assertThat(problem.line()).contains("not supported yet", "unet." + field);
      assertThat(problem.help()).isPresent();
    }
    for (String value : List.of("false", "null", "[]", "{}", "\"\"")) {
      assertThat(problem(peft(pair(), "{\"unet." + field + "\": " + value + "}"))).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("fieldsWithoutEffectOfPeft")
  void aFieldOfPeftWithoutEffectChangesNothing(String field) {
    for (String value : List.of("true", "3", "[3]", "{\"a\": 1}", "\"all\"")) {
      TensorFile file = peft(pair(), "{\"unet." + field + "\": " + value + "}");
      assertThat(problem(file)).as(value).isEmpty();
      double scale = opened(file, adapter -> adapter.scaleOf(adapter.modules().getFirst()));
      assertThat(scale).isEqualTo(1);
      assertThat(opened(file, AdapterFile::notes)).noneMatch(note -> note.contains(field));
    }
  }

  @ParameterizedTest
  @MethodSource("fieldsWithoutEffectOfLycoris")
  void aFieldOfLycorisWithoutEffectChangesNothing(String field) {
    for (String value : List.of("\"True\"", "true", "\"8\"")) {
      assertThat(problem(lycoris(loha(), "{\"" + field + "\": " + value + "}")))
          .as(value)
          .isEmpty();
    }
  }

  @Test
  void aFieldThatNobodyKnowsIsNamed() {
    assertThat(
            opened(
                peft(pair(), "{\"unet.use_tora\": true, \"unet.off\": false, \"unet.r\": 2}"),
                AdapterFile::notes))
        .anyMatch(note -> note.endsWith("that nothing is known of: use_tora"));
  }

  @Test
  void doraWithoutMagnitudesIsBroken() {
    TensorFile file = peft(pair(), "{\"unet.use_dora\": true}");
    Problem problem = problem(file).orElseThrow();
    assertThat(problem.kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(problem.line())
        .contains("magnitude of a DoRA is missing", "adapter.safetensors, unet.module", "use_dora");
    assertThat(problem.help().orElseThrow()).contains("knows no DoRA");
    file.put(MODULE + ".lora_magnitude_vector.weight", DType.F32, Shape.of(6), g(5, 2, 6));
    assertThat(problem(file)).isEmpty();
    assertThat(problem(peft(pair(), "{\"unet.use_dora\": false}"))).isEmpty();
    assertThat(problem(peft(pair(), "{\"text_encoder.use_dora\": true}"))).isEmpty();
  }

  @Test
  void embeddingsOfADoraNeedMagnitudesToo() {
    TensorFile file =
        new TensorFile()
            .put(MODULE + ".lora_embedding_A", DType.F32, Shape.of(2, 6), g(5, 2, 12))
            .put(MODULE + ".lora_embedding_B", DType.F32, Shape.of(4, 2), g(7, 3, 8));
    assertThat(problem(peft(file, "{\"use_dora\": true}"))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dora_wd", "weight_decompose"})
  void weightDecompositionOfLycorisWithoutMagnitudesIsBroken(String field) {
    for (String value : List.of("\"True\"", "\"true\"", "true", "\"1\"")) {
      String json = "{\"algo\": \"loha\", \"" + field + "\": " + value + "}";
      assertThat(problem(lycoris(loha(), json)).orElseThrow().line())
          .contains("magnitude of a DoRA is missing", field);
    }
    String json = "{\"algo\": \"loha\", \"" + field + "\": \"True\"}";
    TensorFile whole = loha().put("lora_unet_m.dora_scale", DType.F32, Shape.of(6, 1), g(5, 2, 6));
    assertThat(problem(lycoris(whole, json))).isEmpty();
    assertThat(problem(lycoris(loha(), "{\"" + field + "\": \"False\"}"))).isEmpty();
  }

  @Test
  void formatsWithoutWeightDecompositionTakeTheSettingAndDoNotFollowIt() {
    TensorFile full =
        new TensorFile().put("lora_unet_m.diff", DType.F32, Shape.of(6, 4), g(5, 2, 24));
    assertThat(problem(lycoris(full, "{\"algo\": \"full\", \"dora_wd\": \"True\"}"))).isEmpty();
    assertThat(problem(lycoris(pair(), "{\"algo\": \"dylora\", \"dora_wd\": \"True\"}"))).isEmpty();
  }

  @Test
  void argumentsThatAreNoObjectSayNothing() {
    for (String json : List.of("", "[1]", "{\"dora_wd\": \"True", "None", "{\"dora_wd\": {}}")) {
      assertThat(problem(lycoris(loha(), json))).as(json).isEmpty();
    }
  }

  @Test
  void aPairThatIsSaidToHaveABiasNeedsIt() {
    TensorFile file = peft(pair(), "{\"unet.lora_bias\": true}");
    Problem problem = problem(file).orElseThrow();
    assertThat(problem.kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(problem.line()).contains("bias of a pair is missing", "unet.module", "lora_bias");
    file.put(MODULE + ".lora_B.bias", DType.F32, Shape.of(6), g(5, 2, 6));
    assertThat(problem(file)).isEmpty();
  }

  @Test
  void aFactorBesideTheTensorsIsRefused() {
    TensorFile file = loha().put("lora_unet_m.scalar", DType.F32, Shape.of(), 0.5f);
    Problem problem = problem(file).orElseThrow();
    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.line()).contains("early LyCORIS", "lora_unet_m.scalar");
  }
}
