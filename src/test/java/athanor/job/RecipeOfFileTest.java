package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.job.inspect.Inspection;
import athanor.recipe.MergeRequest;
import athanor.recipe.MixRequest;
import athanor.recipe.yaml.RecipeFile;
import athanor.tensor.DType;
import athanor.testkit.Gen;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recipes of files that this program and others made. */
class RecipeOfFileTest {
  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);
  private static final String C = "c".repeat(64);
  private static final String MODELS =
      """
      {"%s":{"name":"sd/base.safetensors [aaaaaaaaaa]","legacy_hash":"11111111"},
       "%s":{"name":"other.ckpt"},"%s":{"name":"..\\\\third.safetensors"}}
      """
          .formatted(A, B, C);

  @TempDir private Path folder;
  private final Gen gen = Gen.seeded("recipes of files");

  private Path file(String recipe) {
    return new TensorFile()
        .random(Sample.corner(DType.F16), 1, gen)
        .metadata("sd_merge_recipe", recipe)
        .metadata("sd_merge_models", MODELS)
        .write(folder.resolve("made.safetensors"));
  }

  private static MergeRequest request(Path file) {
    RecipeFile recipe = RecipeOfFile.of(file);
    String yaml = recipe.toYaml();
    assertThat(RecipeFile.parse(yaml.getBytes(StandardCharsets.UTF_8), "recipe").request())
        .isEqualTo(recipe.request());
    return recipe.request();
  }

  private static Problem refusal(Path file) {
    return catchThrowableOfType(AthanorException.class, () -> RecipeOfFile.of(file)).problem();
  }

  @Test
  void a1111sWeightedSumIsAMix() {
    MergeRequest request =
        request(
            file(
                """
                {"type":"webui","primary_model_hash":"%s","secondary_model_hash":"%s",
                 "tertiary_model_hash":null,"interp_method":"Weighted sum","multiplier":0.3,
                 "save_as_half":true,"custom_name":""}
                """
                    .formatted(A, B)));
    assertThat(request.base().orElseThrow().text()).isEqualTo("base.safetensors");
    assertThat(request.base().orElseThrow().sha256()).contains(A);
    MixRequest mixed = request.mix().getFirst();
    assertThat(mixed.model().text()).isEqualTo("other.ckpt");
    assertThat(mixed.minus()).isEmpty();
    assertThat(mixed.strength().ratio()).isEqualTo(0.3);
    assertThat(request.options().savePrecision().orElseThrow()).hasToString("fp16");
  }

  @Test
  void a1111sAddedDifferenceIsOneToo() {
    MergeRequest request =
        request(
            file(
                """
                {"type":"webui","primary_model_hash":"%s","secondary_model_hash":"%s",
                 "tertiary_model_hash":"%s","interp_method":"Add difference","multiplier":1}
                """
                    .formatted(A, B, C)));
    assertThat(request.mix().getFirst().minus().orElseThrow().text())
        .isEqualTo("third.safetensors");
    assertThat(Inspection.of(folder.resolve("made.safetensors")).facts())
        .anyMatch(fact ->
            fact.label().equals("made from")
                && fact.text()
                    .contains(
                        "base.safetensors + (other.ckpt − third.safetensors)@1 (method sum)"));
  }

  @Test
  void superMergersBlockWeightsAndCalculationsAreRead() {
    String zeros = "0.25" + ",0".repeat(24);
    MergeRequest request =
        request(
            file(
                """
                {"type":"sd-webui-supermerger","weights_alpha":[%s],"model_a":"%s","model_b":"%s",
                 "model_c":"","base_alpha":0.5,"base_beta":0,"mode":"Weight sum","mbw":true,
                 "elemental_merge":"","calcmode":"cosineA"}
                """
                    .formatted(zeros, A, B)));
    assertThat(request.method().description().name()).isEqualTo("cosine-a");
    assertThat(request.mix().getFirst().strength().blocks().orElseThrow().values())
        .hasSize(26)
        .startsWith(0.5, 0.25, 0.0);
  }

  @Test
  void whatCannotBeDoneIsNamed() {
    Problem problem =
        refusal(
            file(
                """
                {"type":"sd-webui-supermerger","model_a":"%s","model_b":"%s","base_alpha":0.5,
                 "mode":"Weight sum","mbw":false,"calcmode":"tensor"}
                """
                    .formatted(A, B)));
    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.line()).contains("calcmode: tensor");
    assertThat(refusal(file("{\"type\":\"webui\"}")).line()).contains("primary_model_hash");
    assertThat(refusal(file("not JSON")).kind()).isEqualTo(Kind.BAD_FILE);
  }

  @Test
  void whatThisProgramMadeIsReadBack() {
    Path a = checkpoint("a.safetensors");
    Path b = checkpoint("b.safetensors");
    Path out = folder.resolve("out.safetensors");
    Merging.of(a).mix(b, 0.25).into(out);
    MergeRequest request = request(out);
    assertThat(request.base().orElseThrow().text()).isEqualTo("a.safetensors");
    assertThat(request.mix()).containsExactly(new MixRequest("b.safetensors", 0.25));
  }

  private Path checkpoint(String name) {
    return new TensorFile().random(Sample.corner(DType.F16), 1, gen).write(folder.resolve(name));
  }

  private Path mecha(String text) throws IOException {
    return Files.writeString(folder.resolve("mix.mecha"), text);
  }

  @Test
  void sumsOfMechaBecomeOneWeightedSum() throws IOException {
    MergeRequest request =
        request(
            mecha(
                """
                version 0.1.0
                model "D:\\\\models\\\\base.safetensors" model_config="sd1-ldm" merge_space="weight"
                # a comment
                model "my other.safetensors" model_config="sd1-ldm" merge_space="weight"
                merge "weighted_sum" &0 &1 alpha=0.25
                model "third.safetensors" model_config="sd1-ldm" merge_space="weight"
                merge "subtract" &3 &0
                merge "add_difference" &2 &4 alpha=0.5
                """));
    assertThat(request.base().orElseThrow().text()).isEqualTo("base.safetensors");
    assertThat(request.mix())
        .containsExactly(
            new MixRequest("my other.safetensors", 0.25), new MixRequest("third.safetensors", 0.5));
  }

  @Test
  void otherStepsOfMechaAreNamedWithTheirLine() throws IOException {
    Problem problem =
        refusal(
            mecha(
                """
                version 0.1.0
                model "a.safetensors"
                model "b.safetensors"
                merge "rotate" &0 &1
                """));
    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.line()).contains("mix.mecha, line 4", "rotate");
    assertThat(refusal(mecha("version 9")).kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(refusal(mecha("version 0.1.0\nmodel \"a.safetensors\"")).line())
        .contains("no mix of checkpoints");
    assertThat(refusal(mecha("version 0.1.0\nmerge \"subtract\" &7 &8")).line()).contains("line 2");
  }
}
