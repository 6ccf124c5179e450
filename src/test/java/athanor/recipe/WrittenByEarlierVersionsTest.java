package athanor.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.merge.method.Concatenation;
import athanor.merge.method.HistoricSum;
import athanor.merge.method.Recompression;
import athanor.merge.method.mix.Sum;
import athanor.merge.plan.Strength;
import athanor.recipe.yaml.LockFile;
import athanor.recipe.yaml.RecipeFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recipes, locks and metadata that version 0.1 wrote are read, and written to the same byte. */
class WrittenByEarlierVersionsTest {
  private static byte[] bytes(String name) {
    try (InputStream in =
        WrittenByEarlierVersionsTest.class.getResourceAsStream("/athanor/recipe/written/" + name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String text(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  private static RecipeFile recipe(String name) {
    return RecipeFile.parse(bytes(name + ".yaml"), name + ".yaml");
  }

  private static Provenance provenance(String name) {
    return Provenance.parse(text(name + ".json")).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkpoint", "lora", "kohya"})
  void aRecipeIsReadAndWrittenAgain(String name) {
    assertThat(recipe(name).toYaml()).isEqualTo(text(name + ".yaml"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkpoint", "lora", "kohya"})
  void metadataAreReadAndWrittenAgain(String name) {
    assertThat(provenance(name).toJson()).isEqualTo(text(name + ".json"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkpoint", "lora"})
  void aLockIsReadWrittenAgainAndStillThatOfItsRecipe(String name) {
    String file = name + ".lock.yaml";
    LockFile lock = LockFile.parse(bytes(file), file);

    assertThat(lock.toYaml()).isEqualTo(text(file));
    assertThat(lock.isOf(recipe(name).request())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkpoint", "lora", "kohya"})
  void aRecipeAndTheMetadataOfItsResultTellOfTheSameMerge(String name) {
    MergeRequest asked = recipe(name).request();
    Provenance made = provenance(name);
    MergeRequest told =
        made.request(input -> new InputRequest(input.name(), input.origin().sha256()));

    assertThat(told.method()).isEqualTo(asked.method());
    assertThat(told.options()).isEqualTo(asked.options());
    assertThat(told.loras().stream().map(LoraRequest::strength))
        .isEqualTo(asked.loras().stream().map(LoraRequest::strength).toList());
  }

  @Test
  void strengthsAreRead() {
    List<LoraRequest> loras = recipe("checkpoint").request().loras();
    Strength pixel = loras.getFirst().strength();
    Strength ink = loras.getLast().strength();

    assertThat(pixel.ratio()).isEqualTo(0.6);
    assertThat(pixel.textEncoderRatio()).contains(0.3);
    assertThat(pixel.blocks().orElseThrow().preset()).contains("OUTALL");
    assertThat(ink.ratio()).isEqualTo(-0.4);
    assertThat(ink.blocks().orElseThrow().values()).hasSize(17).endsWith(0.5, 0.5);
    assertThat(ink.skip()).containsExactly("to_v");
  }

  @Test
  void methodsAreRead() {
    assertThat(recipe("checkpoint").request().method()).isEqualTo(new Sum());
    assertThat(provenance("checkpoint").method()).isEmpty();
    assertThat(provenance("kohya").method()).contains(new HistoricSum(true));
    assertThat(provenance("lora").method())
        .get()
        .isInstanceOfSatisfying(
            Recompression.class,
            svd ->
                assertThat(svd.text())
                    .isEqualTo("svd to rank 4, convolutions to rank 2, keeping 0.9"));
  }

  @Test
  void aMethodThatIsNotNotedIsTheExactOne() {
    Provenance old =
        Provenance.parse("{\"athanor\":\"0.1\",\"loras\":[{\"name\":\"a.pt\",\"ratio\":1.0}]}")
            .orElseThrow();
    assertThat(old.method()).isEqualTo(Optional.empty());
    assertThat(old.request(input -> new InputRequest(input.name())).method())
        .isInstanceOf(Concatenation.class);
  }
}
