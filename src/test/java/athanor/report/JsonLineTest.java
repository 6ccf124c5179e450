package athanor.report;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Problem;
import athanor.hub.Service;
import athanor.net.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The one JSON form of what comes out of commands. */
class JsonLineTest {
  private static final BlockLine BLOCK = new BlockLine("IN01", false, 0.15, 4, 1);

  private static PartWeights weights(PartWeights.BlockWeights blocks) {
    var asked =
        new PartWeights.Asked(
            Optional.of(0.3),
            Optional.of(blocks),
            Optional.empty(),
            Optional.of(List.of("mlp")),
            Optional.empty());
    return new PartWeights(asked, 1, 0, List.of(BLOCK), "in words");
  }

  private static AppliedLora lora(Optional<PartWeights> weights) {
    return new AppliedLora("a.safetensors", 1, 2, 3, weights, true, List.of(BLOCK));
  }

  @Test
  void writesTheComponentsInTheirOrderAndLeavesOutWhatIsAbsentOrForPeople() {
    var made =
        new MergedCheckpoint(
            "o.safetensors",
            "SD 1.x",
            1L << 40,
            686,
            3,
            0.25,
            Optional.empty(),
            0,
            Optional.empty(),
            List.of(lora(Optional.empty())),
            "for people",
            List.of("for people"));
    assertThat(JsonLine.of(made))
        .isEqualTo(
            "{\"result\":\"merge\",\"output\":\"o.safetensors\",\"architecture\":\"SD 1.x\","
                + "\"bytes\":1099511627776,\"tensors\":686,\"merged_tensors\":3,\"seconds\":0.25,"
                + "\"fixed_positions\":0,\"loras\":[{\"file\":\"a.safetensors\",\"ratio\":1.0,"
                + "\"applied\":2,\"modules\":3}]}");
  }

  @Test
  void writesTheCheckpointsOfAMixBeforeTheLoras() {
    var made =
        new MergedCheckpoint(
            "o.safetensors",
            "SD 1.x",
            1,
            2,
            2,
            0.5,
            Optional.empty(),
            0,
            Optional.of(
                List.of(
                    new MixedCheckpoint(
                        "b.safetensors",
                        Optional.of("c.safetensors"),
                        0.4,
                        Optional.empty(),
                        9,
                        5,
                        3,
                        1,
                        "for people",
                        List.of(BLOCK)))),
            List.of(),
            "for people",
            List.of());
    assertThat(JsonLine.of(made))
        .contains(
            "\"mix\":[{\"file\":\"b.safetensors\",\"minus\":\"c.safetensors\",\"ratio\":0.4,"
                + "\"tensors\":9,\"mixed\":5,\"identical\":3,\"left\":1}],\"loras\":[]}");
  }

  @Test
  void writesTheWeightsOfPartsAmongTheFieldsOfTheirLora() {
    var match =
        new FittingLora.Match(
            2,
            3,
            "SD 1.x",
            Optional.of(weights(new PartWeights.BlockWeights.Numbers(List.of(1.0, 0.5), 0))),
            List.of(BLOCK));
    var lora =
        new FittingLora(
            "a.safetensors",
            -1e-7,
            true,
            Optional.of(match),
            Optional.of(new LoraTraits("LoRA", "4", "2")),
            Optional.empty(),
            Optional.of("for people"),
            List.of());
    assertThat(JsonLine.of(lora))
        .isEqualTo(
            "{\"result\":\"lora\",\"file\":\"a.safetensors\",\"ratio\":-1.0E-7,\"fits\":true,"
                + "\"applied\":2,\"modules\":3,\"made_for\":\"SD 1.x\",\"weights\":{\"te\":0.3,"
                + "\"lbw\":[1.0,0.5],\"lbw_elsewhere\":0.0,\"skip\":[\"mlp\"]},\"left_out\":1,"
                + "\"at_zero\":0,\"blocks\":[{\"block\":\"IN01\",\"text_encoder\":false,"
                + "\"factor\":0.15,\"modules\":4,\"left_out\":1}],\"kind\":\"LoRA\","
                + "\"rank\":\"4\",\"alpha\":\"2\"}");
    var preset = weights(new PartWeights.BlockWeights.Preset("OUTALL", 1));
    assertThat(
            JsonLine.of(
                new MergedLora(
                    "o",
                    "SDXL",
                    "exact",
                    "8",
                    "fp16",
                    1,
                    2,
                    3,
                    Optional.of("ab"),
                    Optional.of(new MergedLora.SumError(0.5, "m", 0.75)),
                    List.of(lora(Optional.of(preset))),
                    "for people")))
        .contains("\"sshs_model_hash\":\"ab\",\"relative_error\":0.5,\"worst_module\":\"m\",")
        .contains("\"worst_relative_error\":0.75,\"loras\":[{\"file\"")
        .contains("\"weights\":{\"te\":0.3,\"lbw\":\"OUTALL\",\"lbw_elsewhere\":1.0,");
  }

  @Test
  void writesAProblemInParts() {
    Problem problem = Problem.badFile("no such file").at("x").help("look\nagain");
    assertThat(JsonLine.of(Event.Failure.of(problem)))
        .isEqualTo(
            "{\"event\":\"error\",\"kind\":\"BAD_FILE\",\"what\":\"no such file\",\"where\":\"x\","
                + "\"help\":\"look\\nagain\",\"exit_code\":4}");
    var outlook =
        new MethodOutlook("kohya", false, Optional.empty(), Optional.of(problem), "for people");
    assertThat(JsonLine.of(outlook))
        .isEqualTo(
            "{\"result\":\"method\",\"method\":\"kohya\",\"possible\":false,\"problem\":{"
                + "\"kind\":\"BAD_FILE\",\"what\":\"no such file\",\"where\":\"x\","
                + "\"help\":\"look\\nagain\"}}");
  }

  @Test
  void writesNullOnlyWhereTheRecordSaysSo() {
    assertThat(JsonLine.of(NoToken.of(Service.HUGGING_FACE)))
        .isEqualTo("{\"result\":\"account\",\"service\":\"hf\",\"name\":null}");
    assertThat(JsonLine.of(new Download("f", "s", true, OptionalLong.empty(), Optional.empty())))
        .isEqualTo("{\"result\":\"download\",\"file\":\"f\",\"source\":\"s\",\"here\":true}");
    assertThat(JsonLine.of(new Download("f", "s", false, OptionalLong.of(5), Optional.of("ab"))))
        .endsWith("\"here\":false,\"bytes\":5,\"sha256\":\"ab\"}");
  }

  @Test
  void writesFactsUnderTheirOwnNames() {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("z", "1");
    metadata.put("a", "2");
    var file =
        new InspectedFile(
            "f",
            "LoRA",
            List.of(new Fact("made for", "SD"), new Fact("rank", "4")),
            List.of(new Fact("SHA-256", "ab")),
            metadata,
            List.of("odd"),
            List.of(),
            Optional.of(
                new ScannedWeights(
                    false,
                    9,
                    List.of(new ScannedWeights.NonFinite("k", 1, 2, 3)),
                    List.of("zero"),
                    1,
                    List.of(),
                    List.of())),
            List.of(new InspectedFile.Tensor("k", "F16", List.of(3L, 4L), "fp16 [3, 4]")));
    assertThat(JsonLine.of(file))
        .isEqualTo(
            "{\"result\":\"file\",\"file\":\"f\",\"what\":\"LoRA\",\"made for\":\"SD\","
                + "\"rank\":\"4\",\"SHA-256\":\"ab\",\"metadata\":{\"z\":\"1\",\"a\":\"2\"},"
                + "\"notes\":[\"odd\"],\"skipped\":[],\"scan\":{\"sound\":false,\"bytes\":9,"
                + "\"non_finite\":[{\"key\":\"k\",\"nan\":1,\"infinite\":2}],\"all_zero\":[\"zero\"],"
                + "\"small_all_zero\":1,\"wrong_checksum\":[]},\"tensor_list\":[{\"key\":\"k\","
                + "\"dtype\":\"F16\",\"shape\":[3,4]}]}");
  }

  @Test
  void keepsTheUsualEscapesAndWhatCanBeRead() {
    assertThat(JsonLine.of(new Event.Note("\"\\\n\t\u001b\u00e9\u732b\ud83d\ude00")))
        .isEqualTo(
            "{\"event\":\"note\",\"text\":\"\\\"\\\\\\n\\t\\u001B\u00e9\u732b\ud83d\ude00\"}");
  }

  /** DEL, C1 controls, bidirectional marks, invisible and unpaired characters. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u007f",
        "\u0080",
        "\u009b31m",
        "\u009f",
        "\u061c",
        "\u200b",
        "\u200e",
        "\u200f",
        "\u2028",
        "\u2029",
        "\u202a",
        "\u202e",
        "\u2066",
        "\u2069",
        "\ufeff",
        "\ud834\udd73",
        "\uffff"
      })
  void showsNoCharacterThatActsAndLosesNone(String text) throws IOException {
    List<String> lines =
        List.of(
            JsonLine.of(new Event.Warning("a" + text + "b")),
            JsonLine.of(new PrintedCard("a" + text + "b")),
            JsonLine.of(
                new InspectedFile(
                    "f",
                    "w",
                    List.of(new Fact("text", "a" + text + "b")),
                    List.of(),
                    Map.of("k" + text, ""),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    List.of())));
    for (String line : lines) {
      assertThat(line).doesNotContain(text.substring(0, 1)).contains("\\u");
      Json read = Json.parse(line.getBytes(StandardCharsets.UTF_8));
      assertThat(read.get("text").text()).contains("a" + text + "b");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\ud800", "\udfff", "\udc00\ud800"})
  void writesNothingThatUtf8CannotHold(String text) throws IOException {
    String line = JsonLine.of(new Event.Note("a" + text + "b"));
    assertThat(line)
        .isEqualTo("{\"event\":\"note\",\"text\":\"a" + "?".repeat(text.length()) + "b\"}");
    assertThat(Json.parse(line.getBytes(StandardCharsets.UTF_8)).get("text").text()).isPresent();
  }

  @Test
  void showsNoBidirectionalMarkInANameOfAField() throws IOException {
    String line =
        JsonLine.of(
            new InspectedFile(
                "f",
                "w",
                List.of(),
                List.of(),
                Map.of("k\u202e", "v"),
                List.of(),
                List.of(),
                Optional.empty(),
                List.of()));
    assertThat(line).doesNotContain("\u202e");
    Json read = Json.parse(line.getBytes(StandardCharsets.UTF_8));
    assertThat(read.get("metadata").get("k\u202e").text()).contains("v");
  }
}
