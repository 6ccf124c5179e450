package athanor.job.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.job.inspect.Inspection.Fact;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoraTrainingTest {

  @Test
  void addsTheTagsOfAllDataSetsAndShowsTheTopTen() {
    String json =
        """
        {"10_ink": {"1girl": 5, " solo": 3, "ink": 9, "a": 1, "b": 1, "c": 1, "d": 1},
         "5_reg": {"1girl": 6, "e": 1, "f": 1, "g": 1, "h": 1}}\
        """;
    assertThat(LoraTraining.facts(Map.of("ss_tag_frequency", json)))
        .containsExactly(
            new Fact(
                "top tags",
                "1girl (11), ink (9), solo (3), a (1), b (1), c (1), d (1), e (1), f (1), g (1)"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "None", "[]", "{\"a\": 1}", "{\"a\": {\"b\": \"c\"}}", "{\"a\": {\"b\": 1}"})
  void saysNothingOfWhatIsNoTagFrequency(String json) {
    assertThat(LoraTraining.facts(Map.of("ss_tag_frequency", json))).isEmpty();
  }

  @Test
  void namesTheBaseTheModuleAndTheComment() {
    Map<String, String> metadata =
        Map.of(
            "ss_base_model_version", "sdxl_base_v1-0",
            "ss_network_module", "networks.lora",
            "ss_training_comment", "None",
            "modelspec.trigger_phrase", "inkstyle");
    assertThat(LoraTraining.facts(metadata))
        .isEqualTo(
            List.of(
                new Fact("trigger words", "inkstyle"),
                new Fact("base model", "sdxl_base_v1-0"),
                new Fact("network module", "networks.lora")));
  }

  @Test
  void readsARecipeAloud() {
    String recipe =
        """
        {"athanor":"1.2","base":{"name":"sd15.safetensors","bytes":5},
        "loras":[{"name":"ink.safetensors","bytes":7,"ratio":0.4,"blocks":[1,2]}, 3,
        {"name":"pixel.safetensors","ratio":-1}],"precision":"float","save_precision":"keep",
        "vae":{"name":"kl.pt"},"fixed_positions":true,"later":{"x":[{}]}}\
        """;
    assertThat(RecipeText.of(Map.of("athanor.recipe", recipe)))
        .contains(
            "sd15.safetensors + ink.safetensors@0.4 + pixel.safetensors@-1 + VAE of kl.pt"
                + " (precision float, save precision keep, position ids put right), by Athanor"
                + " 1.2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "7",
        "{",
        "{}",
        "{\"loras\":7}",
        "{\"base\":[{\"name\":\"x\"}]}",
        "{\"loras\":[{"
      })
  void saysNothingOfARecipeThatIsNone(String recipe) {
    assertThat(RecipeText.of(Map.of("athanor.recipe", recipe))).isEmpty();
  }
}
