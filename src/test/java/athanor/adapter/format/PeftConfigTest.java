package athanor.adapter.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeftConfigTest {

  private static PeftConfig config(String json) {
    return PeftConfig.parse(json, "here");
  }

  @Test
  void dividesAlphaByTheRank() {
    assertThat(config("{\"unet.lora_alpha\": 8, \"unet.r\": 16}").scaleOf("unet.x.to_q", 16))
        .hasValue(0.5);
  }

  @Test
  void dividesByTheSquareRootWithRankStabilisation() {
    assertThat(config("{\"unet.lora_alpha\": 8, \"unet.use_rslora\": true}").scaleOf("unet.x", 16))
        .hasValue(2);
  }

  @Test
  void prefersTheAlphaPatternThatMatchesTheEndOfTheModule() {
    PeftConfig config =
        config("{\"unet.lora_alpha\": 8, \"unet.alpha_pattern\": {\"attn2.to_q\": 4}}");
    assertThat(config.scaleOf("unet.down_blocks.0.attn2.to_q", 8)).hasValue(0.5);
    assertThat(config.scaleOf("unet.down_blocks.0.attn1.to_q", 8)).hasValue(1);
    assertThat(config.scaleOf("unet.down_blocks.0.xattn2.to_q", 8)).hasValue(1);
  }

  @Test
  void keepsComponentsApart() {
    PeftConfig config = config("{\"unet.lora_alpha\": 8, \"text_encoder.lora_alpha\": 2}");
    assertThat(config.scaleOf("text_encoder.x.q_proj", 4)).hasValue(0.5);
  }

  @Test
  void readsTheFieldsOfAnAdapterConfigWithoutPrefix() {
    assertThat(
            config("{\"lora_alpha\": 16, \"r\": 8, \"target_modules\": [\"to_q\"]}")
                .scaleOf("base_model.model.x.to_q", 8))
        .hasValue(2);
  }

  @Test
  void saysNothingAboutUnconfiguredModules() {
    assertThat(config("{\"unet.lora_alpha\": 8}").scaleOf("text_encoder.x", 4)).isEmpty();
    assertThat(PeftConfig.NONE.scaleOf("unet.x", 4)).isEmpty();
  }

  @Test
  void refusesWhatIsNotJson() {
    assertThatThrownBy(() -> config("{\"unet.lora_alpha\": "))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("not valid JSON");
  }

  @ParameterizedTest
  @ValueSource(strings = {"((){9999}){9999}", "(a)\\\\1", "(", "(?<=a)b"})
  void refusesPatternsThatAreNoSimpleExpressions(String pattern) {
    PeftConfig config = config("{\"lora_alpha\":8,\"alpha_pattern\":{\"" + pattern + "\":2}}");
    assertThatThrownBy(() -> config.scaleOf("unet." + "a".repeat(400), 4))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("pattern of the LoRA configuration");
  }

  /** Each of these keeps a backtracking matcher busy for longer than anybody waits. */
  @ParameterizedTest
  @ValueSource(
      strings = {"(a+)+b", "(a|aa)*b", "(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x", "(a?){200}b"})
  @Timeout(10)
  void answersEveryPatternInLittleTime(String pattern) {
    PeftConfig config = config("{\"lora_alpha\":8,\"alpha_pattern\":{\"" + pattern + "\":2}}");
    assertThat(config.scaleOf("unet." + "a".repeat(400), 4)).hasValue(2);
    assertThat(config.scaleOf("unet." + "a".repeat(40) + "bx", 4)).isPresent();
  }

  @Test
  void refusesAPatternThatIsTooLong() {
    PeftConfig config =
        config("{\"lora_alpha\":8,\"alpha_pattern\":{\"" + "a".repeat(501) + "\":2}}");
    assertThatThrownBy(() -> config.scaleOf("unet.x", 4))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("pattern of the LoRA configuration");
  }

  @Test
  void refusesAnAlphaThatIsNotFinite() {
    assertThatThrownBy(() -> config("{\"lora_alpha\":1e999}").scaleOf("to_q", 4))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("not a finite number");
  }

  @ParameterizedTest
  @ValueSource(strings = {"pissa", "pissa_niter_16", "olora", "corda", "lora_ga", "loftq"})
  void refusesPairsOfAnAlteredBase(String start) {
    PeftConfig config = config("{\"unet.init_lora_weights\":\"" + start + "\"}");
    assertThat(config.refusal("unet.x.to_q").orElseThrow().line())
        .contains("altered before training", "unet.init_lora_weights " + start, "here");
    assertThat(config.refusal("text_encoder.x.q_proj")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"alora_invocation_tokens\":[1,[2]]",
        "\"layer_replication\":[[0,4],[2,5]]",
        "\"use_qalora\":true"
      })
  void refusesPairsThatAreNoChangeOfTheWeights(String field) {
    assertThat(config("{" + field + ",\"r\":4}").refusal("unet.x.to_q")).isPresent();
  }

  @Test
  void acceptsPairsThatBeganInAnotherWay() {
    for (String start : new String[] {"true", "false", "\"gaussian\"", "\"eva\"", "null"}) {
      String json =
          "{\"init_lora_weights\":"
              + start
              + ",\"alora_invocation_tokens\":[],\"layer_replication\":null,\"use_qalora\":false}";
      assertThat(config(json).refusal("unet.x.to_q")).as(start).isEmpty();
    }
  }

  @Test
  void takesTheFirstPatternInFileOrder() {
    String patterns = "{\"to_q\": 4, \"attn2.to_q\": 2, \"a.*\": 1}";
    PeftConfig config = config("{\"lora_alpha\": 8, \"alpha_pattern\": " + patterns + "}");
    assertThat(config.scaleOf("base_model.model.attn2.to_q", 4)).hasValue(1);
  }

  @Test
  void readsPatternsFromTheBeginningOfTheNameInItsComponent() {
    PeftConfig diffusers =
        config("{\"unet.lora_alpha\": 8, \"unet.alpha_pattern\": {\"^mid.to_q\": 4}}");
    assertThat(diffusers.scaleOf("unet.mid.to_q", 4)).hasValue(1);
    assertThat(diffusers.scaleOf("unet.x.mid.to_q", 4)).hasValue(2);
    PeftConfig peft = config("{\"lora_alpha\": 8, \"alpha_pattern\": {\"^mid.to_q\": 4}}");
    assertThat(peft.scaleOf("base_model.model.mid.to_q", 4)).hasValue(1);
  }

  /** PEFT's LoHa and LoKr call it alpha. */
  @Test
  void readsTheAlphaOfOtherMethods() {
    PeftConfig config = config("{\"peft_type\": \"LOHA\", \"r\": 8, \"alpha\": 4}");
    assertThat(config.scaleOf("base_model.model.x", 8)).hasValue(0.5);
    assertThat(config.method()).contains("LOHA");
  }

  @Test
  void passesOverWhatIsNull() {
    PeftConfig config = config("{\"lora_alpha\": null, \"init_lora_weights\": null, \"x\": [1]}");
    assertThat(config.scaleOf("x", 8)).isEmpty();
    assertThat(config.refusal()).isEmpty();
  }
}
