package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.format.StateDicts;
import athanor.recipe.Provenance;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import athanor.testkit.web.FakeCivitai;
import athanor.testkit.web.Repo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Recipes as files: written by merge, run, locked. */
class RecipeCommandsTest extends LinkFixture {
  private static final String TO_K2 =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";

  /** A LoRA whose shapes tell SD 1.x without a base. */
  private Path sd1Lora(String name, int rank, long seed) {
    Gen random = Gen.fixed(seed);
    TensorFile file = Sample.pair(new TensorFile(), TO_Q, 320, rank, 320, DType.F32, random);
    return write(Sample.pair(file, TO_K2, 320, rank, 768, DType.F32, random), name);
  }

  private Path recipe(String... lines) throws IOException {
    Path file = home.resolve("mix.yaml");
    return Files.writeString(file, String.join("\n", lines) + "\n");
  }

  private Path lock() {
    return home.resolve("mix.lock.yaml");
  }

  private CommandLineRun recipeRun(String... more) {
    List<String> command = new ArrayList<>(List.of("run", home.resolve("mix.yaml").toString()));
    command.addAll(List.of(more));
    return run(command.toArray(String[]::new));
  }

  private static void assertSameTensors(Path one, Path other) {
    assertThat(TensorFile.allBytes(one))
        .containsExactlyInAnyOrderEntriesOf(TensorFile.allBytes(other));
  }

  @Test
  void runsWhatMergeWroteDown() throws IOException {
    Path base = write(base(), "base");
    Path pixel = sd1Lora("pixel", 8, 3);
    Path ink = sd1Lora("ink", 4, 5);
    String inkLink = publish("alice/ink", ink);
    Path recipe = home.resolve("mix.yaml");

    CommandLineRun merged =
        merge(
            "--base",
            base.toString(),
            pixel + "@0.6,te=0.2,lbw=OUTALL,skip=attn2",
            inkLink + "@-0.4",
            "--save_precision",
            "float",
            "--recipe-out",
            recipe.toString());
    assertThat(merged.code()).as(merged.err()).isZero();
    Files.delete(ink);
    Path again = home.resolve("again.safetensors");
    CommandLineRun run = recipeRun("--out", again.toString());

    assertThat(run.code()).as(run.err()).isZero();
    assertSameTensors(out(), again);
    assertThat(Files.readString(recipe))
        .startsWith("athanor: 1\n")
        .contains("file: pixel.safetensors", "link: hf:alice/ink/ink.safetensors")
        .contains("sha256: " + blob(base).sha256(), "sha256: " + blob(pixel).sha256())
        .contains("out: out.safetensors")
        .doesNotContain(home.toString());
    assertThat(Files.readString(lock()))
        .contains("input: base.safetensors", "bytes: " + Files.size(base))
        .containsPattern("link: hf:alice/ink/ink.safetensors@[0-9a-f]{40}")
        .doesNotContain(home.toString());
    assertThat(metadata(again).loras().getFirst().origin().sha256())
        .as("the metadata know the hash of a local file as well")
        .contains(blob(pixel).sha256());
  }

  private static Provenance metadata(Path file) {
    try (StateDict dict = StateDicts.open(file)) {
      return Provenance.parse(dict.metadata().get(Provenance.METADATA_KEY)).orElseThrow();
    }
  }

  @Test
  void runsARecipeOfLinksAndMakesTheFileThatItNames() throws IOException {
    Path basePath = write(base(), "base");
    Path inkPath = write(lora(TO_K), "ink");
    String base = publish("alice/base", basePath);
    web.civitai().version(12, 345, FakeCivitai.Rule.KEY, civitaiFile(7, inkPath));
    set("CIVITAI_TOKEN", FakeCivitai.TOKEN);
    recipe(
        "athanor: 1",
        "base: " + base,
        "loras:",
        "  - civitai:12@345@0.5",
        "out: named.safetensors");

    CommandLineRun dry = recipeRun("--dry-run");
    assertThat(dry.code()).as(dry.err()).isZero();
    assertThat(dry.out()).contains("fits", "would write", "to download: ");
    assertThat(home.resolve("named.safetensors")).doesNotExist();
    assertThat(lock()).doesNotExist();

    CommandLineRun run = recipeRun();
    assertThat(run.code()).as(run.err()).isZero();
    merge("--base", basePath.toString(), inkPath + "@0.5");
    assertSameTensors(home.resolve("named.safetensors"), out());
    assertThat(Files.readString(lock()))
        .contains("input: civitai:12@345", "https://civitai.com/api/download/models/345?fileId=7");
    CommandLineRun again = recipeRun("--locked", "--overwrite");
    assertThat(again.code()).as(again.err()).isZero();
  }

  @Test
  void theExampleInTheDocumentationRuns() throws IOException {
    String page = Files.readString(Path.of("docs/recipes.md"));
    String example = page.replaceFirst("(?s).*?```yaml\n(.*?)```.*", "$1");
    Path base = write(base(), "sd15");
    Path pixel = sd1Lora("pixel", 8, 3);
    Path other = sd1Lora("other", 4, 5);
    publish("user/repo", base);
    web.civitai().version(123, 456, FakeCivitai.Rule.ANYONE, civitaiFile(7, other));
    recipe(example);

    CommandLineRun run = recipeRun();

    assertThat(run.code()).as(run.err()).isZero();
    String[] same = {pixel + "@0.6", other + "@0.4,te=0.2,skip=attn2", "--save_precision", "fp16"};
    assertThat(
            merge(
                    Stream.concat(Stream.of("--base", base.toString()), Stream.of(same))
                        .toArray(String[]::new))
                .code())
        .isZero();
    assertSameTensors(home.resolve("mine.safetensors"), out());
  }

  @Test
  void makesALoraAsTheRecipeSays() throws IOException {
    Path pixel = sd1Lora("pixel", 8, 3);
    Path ink = sd1Lora("ink", 4, 5);
    recipe(
        "athanor: 1",
        "loras: [pixel.safetensors@0.6, ink.safetensors@0.4]",
        "rank: 3",
        "format: peft",
        "save_precision: fp16",
        "out: both.safetensors");
    assertThat(recipeRun().code()).isZero();
    CommandLineRun merged =
        merge(
            pixel + "@0.6",
            ink + "@0.4",
            "--rank",
            "3",
            "--format",
            "peft",
            "--save_precision",
            "fp16");
    assertThat(merged.code()).as(merged.err()).isZero();
    assertSameTensors(home.resolve("both.safetensors"), out());
  }

  @Test
  void namesEveryMissingInputAtOnce() throws IOException {
    write(base(), "base");
    recipe(
        "athanor: 1",
        "base: base.safetensors",
        "loras: [one.safetensors, {file: two.safetensors, sha256: " + "0".repeat(64) + "}]",
        "out: named.safetensors");
    CommandLineRun run = recipeRun();
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err())
        .contains("2 inputs of the recipe are missing", "one.safetensors", "two.safetensors (SHA")
        .contains("--inputs FOLDER");
  }

  @Test
  void findsInputsInTheFoldersThatAreGiven() throws IOException {
    Path folder = Files.createDirectories(home.resolve("models/loras"));
    write(base(), "base");
    Path ink = write(lora(TO_K), "ink");
    Files.move(ink, folder.resolve("ink.safetensors"));
    recipe("athanor: 1", "base: base.safetensors", "loras: [ink.safetensors]");
    CommandLineRun run = recipeRun("--inputs", folder.toString(), "--out", out().toString());
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void saysWhenNothingTellsWhereTheResultGoes() throws IOException {
    recipe("athanor: 1", "loras: [ink.safetensors]");
    CommandLineRun run = recipeRun();
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("neither the recipe nor the command says", "--out");
  }

  @Test
  void refusesAnInputOfAnotherHashThanTheRecipeDemands() throws IOException {
    write(base(), "base");
    Path ink = write(lora(TO_K), "ink");
    recipe(
        "athanor: 1",
        "base: base.safetensors",
        "loras: [{file: ink.safetensors, sha256: " + "0".repeat(64) + "}]",
        "out: named.safetensors");
    CommandLineRun run = recipeRun("--no-lock");
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err())
        .contains("ink.safetensors", "found SHA-256 " + blob(ink).sha256(), "0".repeat(64));
    assertThat(home.resolve("named.safetensors")).doesNotExist();
    assertThat(lock()).doesNotExist();
  }

  @Test
  void refusesALinkOfAnotherHashBeforeTheDownload() throws IOException {
    write(base(), "base");
    String ink = publish("alice/ink", write(lora(TO_K), "ink"));
    recipe(
        "athanor: 1",
        "base: base.safetensors",
        "loras: [{link: '" + ink + "', sha256: " + "0".repeat(64) + "}]",
        "out: named.safetensors");
    CommandLineRun run = recipeRun();
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).contains(ink, "is not the file that the recipe means", "0".repeat(64));
    assertThat(run.err()).doesNotContain("downloaded");
  }

  @Test
  void theLockHoldsInputsFast() throws IOException {
    write(base(), "base");
    Path ink = write(lora(TO_K), "ink");
    recipe(
        "athanor: 1", "base: base.safetensors", "loras: [ink.safetensors]", "out: n.safetensors");
    assertThat(recipeRun().code()).isZero();
    String lock = Files.readString(lock());
    String old = blob(ink).sha256();
    write(lora(TO_K), "ink");

    CommandLineRun run = recipeRun("--overwrite");

    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err())
        .contains("ink.safetensors", "found SHA-256 " + blob(ink).sha256(), "SHA-256 " + old)
        .contains("lock file");
    assertThat(Files.readString(lock())).isEqualTo(lock);
    CommandLineRun without = recipeRun("--overwrite", "--no-lock");
    assertThat(without.code()).as(without.err()).isZero();
    assertThat(Files.readString(lock())).isEqualTo(lock);
  }

  @Test
  void theLockTakesTheLinkedFileOfBeforeThoughTheBranchMovedOn() throws IOException {
    write(base(), "base");
    String ink = publish("alice/ink", write(lora(TO_K), "ink"));
    recipe("athanor: 1", "base: base.safetensors", "loras: ['" + ink + "']", "out: n.safetensors");
    assertThat(recipeRun().code()).isZero();
    String lock = Files.readString(lock());
    Path kept = Files.copy(home.resolve("n.safetensors"), home.resolve("kept.safetensors"));
    Repo repo = web.huggingFace().find("alice/ink").orElseThrow();
    repo.commit("main", repo.at("main").orElseThrow(), "a better one", repo.files());
    web.huggingFace().file(repo, "ink.safetensors", blob(write(lora(TO_K), "ink")));
    set("ATHANOR_CACHE", home.resolve("another-cache").toString());

    CommandLineRun run = recipeRun("--overwrite");

    assertThat(run.code()).as(run.err()).isZero();
    assertSameTensors(home.resolve("n.safetensors"), kept);
    assertThat(Files.readString(lock())).isEqualTo(lock);
    Files.delete(lock());
    assertThat(recipeRun("--overwrite").code()).isZero();
    assertThat(Files.readString(lock())).isNotEqualTo(lock);
  }

  @Test
  void discardsAResultThatIsNotThatOfTheLock() throws IOException {
    write(base(), "base");
    write(lora(TO_K), "ink");
    recipe(
        "athanor: 1", "base: base.safetensors", "loras: [ink.safetensors]", "out: n.safetensors");
    assertThat(recipeRun().code()).isZero();
    String lock = Files.readString(lock());
    Files.writeString(lock(), lock.replaceFirst("tensors: .*", "tensors: " + "0".repeat(64)));
    Files.delete(home.resolve("n.safetensors"));

    CommandLineRun run = recipeRun();

    assertThat(run.code()).isEqualTo(7);
    assertThat(run.err()).contains("not the one of the lock file", "0".repeat(64), "mix.lock.yaml");
    assertThat(home.resolve("n.safetensors")).doesNotExist();
    assertNothingUnfinished();
  }

  private void assertNothingUnfinished() throws IOException {
    try (Stream<Path> files = Files.list(home)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.contains(".partial") || name.contains("rebuilt"));
    }
  }

  @Test
  void anotherRatioIsAnotherResultOfTheSameLockedInputs() throws IOException {
    write(base(), "base");
    write(lora(TO_K), "ink");
    recipe(
        "athanor: 1", "base: base.safetensors", "loras: [ink.safetensors]", "out: n.safetensors");
    assertThat(recipeRun().code()).isZero();
    String lock = Files.readString(lock());
    recipe(
        "athanor: 1", "base: base.safetensors", "loras: [ink.safetensors@2]", "out: n.safetensors");
    CommandLineRun run = recipeRun("--overwrite");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readString(lock())).isNotEqualTo(lock);
  }

  @Test
  void lockedAsksForALockThatKnowsEverything() throws IOException {
    write(base(), "base");
    write(lora(TO_K), "ink");
    write(lora(TO_Q), "other");
    recipe(
        "athanor: 1", "base: base.safetensors", "loras: [ink.safetensors]", "out: n.safetensors");
    assertThat(recipeRun("--locked").code()).isEqualTo(4);
    assertThat(recipeRun().code()).isZero();
    recipe(
        "athanor: 1",
        "base: base.safetensors",
        "loras: [ink.safetensors, other.safetensors]",
        "out: n.safetensors");
    CommandLineRun run = recipeRun("--locked", "--overwrite");
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).contains("does not know every input", "without --locked");
  }

  @Test
  void saysWhereADamagedLockIsWrong() throws IOException {
    recipe("athanor: 1", "loras: [ink.safetensors]", "out: n.safetensors");
    for (String text :
        List.of("", "athanor_lock: 2\n", "athanor_lock: 1\ninputs: 3\n", "athanor_lock: 1\n")) {
      Files.writeString(lock(), text);
      CommandLineRun run = recipeRun();
      assertThat(run.code()).as(text).isEqualTo(4);
      assertThat(run.err()).contains("mix.lock.yaml");
    }
  }

  @Test
  void refusesARecipeThatIsNone() throws IOException {
    Path nothing = home.resolve("nothing.yaml");
    assertThat(run("run", nothing.toString()).code()).isEqualTo(4);
    assertThat(run("run", home.toString()).code()).isEqualTo(4);
    assertThat(run("run").code()).isEqualTo(2);
    Path model = write(base(), "base");
    assertThat(run("run", model.toString()).code()).isEqualTo(4);
    Files.write(nothing, new byte[100 << 20]);
    assertThat(run("run", nothing.toString()).code()).isEqualTo(4);
    Files.delete(nothing);
    CommandLineRun run =
        run("run", Files.writeString(nothing, "athanor: 1\nlora: [a.pt]\n").toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("nothing.yaml, line 2, column 1", "did you mean loras?");
  }

  @Test
  void aRecipeCannotTellTwoFilesOfOneNameApart() throws IOException {
    Path base = write(base(), "base");
    Path ink = write(lora(TO_K), "ink");
    Path other = Files.createDirectories(home.resolve("other")).resolve("ink.safetensors");
    Files.copy(ink, other, StandardCopyOption.REPLACE_EXISTING);
    Path recipe = home.resolve("mix.yaml");
    CommandLineRun run =
        merge(
            "--base",
            base.toString(),
            ink.toString(),
            other.toString(),
            "--recipe-out",
            recipe.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("two inputs have the same name", "rename one");
    assertThat(out()).doesNotExist();
    assertThat(recipe).doesNotExist();
  }

  @Test
  void aRecipeThatWasJustWrittenIsDoneAlreadyUntilAnInputChanges() throws IOException {
    Path base = write(base(), "base");
    Path ink = write(lora(TO_K), "ink");
    Path recipe = home.resolve("mix.yaml");
    merge("--base", base.toString(), ink.toString(), "--recipe-out", recipe.toString());
    byte[] made = Files.readAllBytes(out());
    CommandLineRun again = run("run", recipe.toString(), "--inputs", base.getParent().toString());
    assertThat(again.code()).isZero();
    assertThat(again.err()).contains("made by this very merge already");
    assertThat(Files.readAllBytes(out())).isEqualTo(made);
    Files.setLastModifiedTime(ink, FileTime.from(Instant.now().plusSeconds(60)));
    CommandLineRun changed = run("run", recipe.toString(), "--inputs", base.getParent().toString());
    assertThat(changed.code()).isEqualTo(2);
    assertThat(changed.err()).contains("the output already exists");
  }

  @Test
  void aRecipeNeverReplacesAModel() throws IOException {
    Path base = write(base(), "base");
    Path ink = write(lora(TO_K), "ink");
    byte[] before = Files.readAllBytes(ink);
    for (Path wrong : List.of(ink, base, out())) {
      CommandLineRun run =
          merge(
              "--base",
              base.toString(),
              ink.toString(),
              "--overwrite",
              "--recipe-out",
              wrong.toString());
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err()).contains("a recipe is a YAML file");
    }
    assertThat(Files.readAllBytes(ink)).isEqualTo(before);
    assertThat(out()).doesNotExist();
  }

  @Test
  void anExistingRecipeIsKeptUnlessOverwriteIsSaid() throws IOException {
    Path base = write(base(), "base");
    Path ink = write(lora(TO_K), "ink");
    Path recipe = recipe("mine");
    String[] merge = {"--base", base.toString(), ink.toString(), "--recipe-out", recipe.toString()};
    CommandLineRun run = merge(merge);
    assertThat(run.code()).isEqualTo(2);
    assertThat(Files.readString(recipe, StandardCharsets.UTF_8)).isEqualTo("mine\n");
    assertThat(out()).doesNotExist();
  }

  @Test
  void noTokenOfALinkReachesTheRecipe() throws IOException {
    Path base = write(base(), "base");
    Path inkPath = write(lora(TO_K), "ink");
    web.civitai().version(12, 345, FakeCivitai.Rule.KEY, civitaiFile(7, inkPath));
    String link =
        "https://civitai.com/api/download/models/345?token=" + FakeCivitai.TOKEN + "&type=Model";
    Path recipe = home.resolve("mix.yaml");
    CommandLineRun run =
        merge("--base", base.toString(), link + "@0.5", "--recipe-out", recipe.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readString(recipe))
        .contains("link: https://civitai.com/api/download/models/345?type=Model\n");
    // The fixture searches every file for the token.
    set("CIVITAI_TOKEN", FakeCivitai.TOKEN);
    CommandLineRun again = recipeRun("--out", home.resolve("again.safetensors").toString());
    assertThat(again.code()).as(again.err()).isZero();
    assertSameTensors(out(), home.resolve("again.safetensors"));
  }
}
