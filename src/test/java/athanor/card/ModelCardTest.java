package athanor.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.hub.upload.RepoId;
import athanor.recipe.InputOrigin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelCardTest {
  private static final CardOptions ME =
      new CardOptions(Optional.of(new RepoId("me", "my-mix")), Optional.empty());

  @Test
  void writesTheWholeCard() throws IOException {
    try (var golden = ModelCardTest.class.getResourceAsStream("my-mix.md")) {
      byte[] expected = Objects.requireNonNull(golden).readAllBytes();
      assertThat(ModelCard.create(CardSample.mix(), ME))
          .isEqualTo(new String(expected, StandardCharsets.UTF_8));
    }
  }

  @Test
  void frontMatterNamesWhatTheHubKnowsAndNothingElse() {
    assertThat(frontMatter(CardSample.mix(), ME))
        .isEqualTo(
            Map.of(
                "library_name", "diffusion-single-file",
                "pipeline_tag", "text-to-image",
                "base_model", "ann/sd15",
                "base_model_relation", "merge",
                "tags", List.of("stable-diffusion", "text-to-image", "merge", "athanor")));
  }

  @Test
  void severalRepositoriesAreAMerge() {
    var facts =
        CardSample.checkpoint(
            "a.safetensors",
            CardSample.merge(
                CardSample.base("b.safetensors", CardSample.origin("hf:ann/base/b.ckpt", "mit")),
                CardSample.lora("c", 1, CardSample.origin("hf:bob/ink/c.safetensors@v2", "mit")),
                CardSample.lora("d", 1, CardSample.origin("hf:bob/ink/d.safetensors", "mit")),
                CardSample.lora("e", 1, CardSample.origin("hf:datasets/bob/x/e.ckpt", "mit"))));
    Map<?, ?> front = frontMatter(facts, CardOptions.NONE);
    assertThat(front.get("base_model")).isEqualTo(List.of("ann/base", "bob/ink"));
    assertThat(front.get("base_model_relation")).isEqualTo("merge");
    assertThat(front.get("license")).as("all inputs agree on it").isEqualTo("mit");
  }

  @Test
  void oneUnpublishedLoraMakesAFinetuneOfItsBase() {
    var facts =
        CardSample.checkpoint(
            "a.safetensors",
            CardSample.merge(
                CardSample.base("b", CardSample.origin("hf:ann/base/b.ckpt", "mit")),
                CardSample.lora("own.safetensors", 1, InputOrigin.UNKNOWN)));
    Map<?, ?> front = frontMatter(facts, CardOptions.NONE);
    assertThat(front.get("base_model")).isEqualTo("ann/base");
    assertThat(front.get("base_model_relation")).isEqualTo("finetune");
    assertThat(front.containsKey("license")).as("the licence of one input is not known").isFalse();
  }

  @Test
  void aLoraIsAnAdapterOfWhatItsPartsWereMadeFor() {
    var facts =
        CardSample.mergedLora(
            CardSample.lora("a", 1, CardSample.madeFor("hf:ann/a/a.safetensors", "stab/sdxl")),
            CardSample.lora("b", 1, CardSample.madeFor("hf:ann/b/b.safetensors", "stab/sdxl")));
    assertThat(frontMatter(facts, CardOptions.NONE))
        .isEqualTo(
            Map.of(
                "library_name", "diffusers",
                "pipeline_tag", "text-to-image",
                "base_model", "stab/sdxl",
                "base_model_relation", "adapter",
                "tags",
                    List.of("stable-diffusion-xl", "text-to-image", "lora", "merge", "athanor")));
    assertThat(ModelCard.create(facts, ME))
        .contains("from_pretrained(\n      \"stab/sdxl\"")
        .contains("load_lora_weights(\"me/my-mix\", weight_name=\"both.safetensors\")");
  }

  @Test
  void aLoraWithoutAKnownBaseIsAMergeOfItsParts() {
    var facts =
        CardSample.mergedLora(
            CardSample.lora("a", 1, CardSample.madeFor("hf:ann/a/a.safetensors", "SDXL 1.0")),
            CardSample.lora("b", 1, CardSample.madeFor("hf:ann/b/b.safetensors", "../x")));
    Map<?, ?> front = frontMatter(facts, CardOptions.NONE);
    assertThat(front.get("base_model")).isEqualTo(List.of("ann/a", "ann/b"));
    assertThat(front.get("base_model_relation")).isEqualTo("merge");
  }

  @Test
  void saysWhatTheInputsSayWhereTheirLicencesDiffer() {
    String card = ModelCard.create(CardSample.mix(), ME);
    assertThat(card)
        .contains("## Licence\n\nNot set yet.")
        .contains("): `openrail`\n")
        .contains("): `cc-by-nc-4.0`\n")
        .contains("--license ID");
    assertThat(CardReader.frontMatter(card).containsKey("license")).isFalse();
  }

  @Test
  void takesTheLicenceOfTheUser() {
    var options = new CardOptions(Optional.empty(), Optional.of("OpenRAIL++"));
    String card = ModelCard.create(CardSample.mix(), options);
    assertThat(CardReader.frontMatter(card).get("license")).isEqualTo("openrail++");
    assertThat(card).contains("`openrail++`, Open Rail++-M License.").doesNotContain("Not set");
  }

  @Test
  void namesTheNearestLicences() {
    assertThatThrownBy(() -> new CardOptions(Optional.empty(), Optional.of("creativeml-openrail")))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().kind().exitCode()).isEqualTo(2);
              assertThat(e.problem().help()).contains("did you mean creativeml-openrail-m?");
            });
  }

  @Test
  void linksEachInputToItsPage() {
    var reader = new CardReader(ModelCard.create(CardSample.mix(), ME));
    assertThat(reader.addresses)
        .contains(
            "https://huggingface.co/ann/sd15/blob/main/sd15.safetensors",
            "https://civitai.com/models/12");
    assertThat(reader.rows).containsExactly(1 + 3, 1 + 4);
    assertThat(reader.headings)
        .containsExactly(
            "my-mix", "Recipe", "Trigger words", "Credits", "File", "How to use", "Licence");
  }

  private static Map<?, ?> frontMatter(CardFacts facts, CardOptions options) {
    return CardReader.frontMatter(ModelCard.create(facts, options));
  }
}
