package athanor.recipe.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.hub.upload.RepoId;
import athanor.hub.upload.Visibility;
import athanor.merge.lora.LoraFormat;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.Recompression;
import athanor.merge.plan.AverageFate;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.merge.plan.Strength;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.PushRequest;
import athanor.recipe.RandomRequests;
import athanor.recipe.arguments.LoraArguments;
import athanor.testkit.Gen;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeFileTest {

  @Test
  void readsWhatItWrote() {
    Gen gen = Gen.seeded("recipe to YAML and back");
    for (int round = 0; round < 1000; round++) {
      RecipeFile made = RandomRequests.recipe(gen);
      assertThat(parse(made.toYaml())).as(made.toYaml()).isEqualTo(made);
    }
  }

  @Test
  void readsEveryKeyOfACheckpoint() {
    RecipeFile recipe =
        parse(
            """
            athanor: 1
            base:
              link: hf:ann/model/x.safetensors
              sha256: %s
            loras:
              - pixel.safetensors@0.6,te=0.3,lbw=OUTALL,only=attn1,attn2
              - hf:ann/ink@v2@0.4
              - file: soft.pt
                ratio: -1
                te: 0
                lbw: [1, 0, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1]
                lbw_elsewhere: 1
                only: attn1
                skip: [to_v, "*.ff.*"]
            vae: kl.safetensors
            fix_positions: true
            precision: fp16
            save_precision: bf16
            skip_incompatible: true
            allow_non_finite: true
            allow_partial: true
            prune_ema: true
            no_metadata: true
            out: mine.safetensors
            push: {repo: ann/mix, visibility: public, create_pr: true}
            """
                .formatted(RandomRequests.HASH.toUpperCase(java.util.Locale.ROOT)));

    MergeRequest request = recipe.request();
    assertThat(request.base())
        .contains(new InputRequest("hf:ann/model/x.safetensors", Optional.of(RandomRequests.HASH)));
    LoraRequest pixel = request.loras().getFirst();
    assertThat(pixel)
        .isEqualTo(LoraArguments.parse("pixel.safetensors@0.6,te=0.3,lbw=OUTALL,only=attn1,attn2"));
    assertThat(request.loras().get(1)).isEqualTo(new LoraRequest("hf:ann/ink@v2", 0.4));
    LoraRequest soft = request.loras().getLast();
    assertThat(soft.strength().ratio()).isEqualTo(-1);
    assertThat(soft.strength().partsText())
        .isEqualTo("te 0, lbw 1,0,0.5,1,1,1,1,1,1,1,1,1, only attn1, skip to_v,*.ff.*");
    assertThat(soft.strength().blocks().orElseThrow().elsewhere()).isEqualTo(1);
    assertThat(request.vae()).contains(new InputRequest("kl.safetensors"));
    assertThat(request.fixPositions()).isTrue();
    assertThat(request.options())
        .isEqualTo(
            new MergeOptions(
                Precision.FP16,
                Optional.of(Precision.BF16),
                false,
                true,
                true,
                true,
                AverageFate.LEFT_OUT));
    assertThat(recipe.out()).contains("mine.safetensors");
    assertThat(recipe.push())
        .contains(new PushRequest(new RepoId("ann", "mix"), Visibility.PUBLIC, true));
  }

  @Test
  void aRankMeansSvdAsOnTheCommandLine() {
    var result =
        (Recompression)
            parse("athanor: 1\nloras: [a.pt, b.pt@0.5]\nrank: 32\nconv_rank: 8\nformat: peft\n")
                .request()
                .method();
    assertThat(result.format()).isEqualTo(LoraFormat.PEFT);
    assertThat(result.limits().rank()).isEqualTo(OptionalInt.of(32));
    assertThat(result.limits().convRank()).isEqualTo(OptionalInt.of(8));
  }

  static Stream<Arguments> mistakes() {
    String head = "athanor: 1\nloras: [a.pt]\n";
    return Stream.of(
        row("loras: [a.pt]", "r.yaml: a recipe begins with the version", "athanor: 1"),
        row("athanor: 2\nloras: [a.pt]", "r.yaml, line 1, column 10", "the number 2"),
        row("athanor: one\nloras: [a.pt]", "line 1, column 10", "the text 'one'"),
        row("athanor: 1\n", "names no LoRA", "loras: a list"),
        row("athanor: 1\nloras:\n", "names no LoRA", ""),
        row("athanor: 1\nloras: []", "line 2, column 8", "an empty list"),
        row("athanor: 1\nloras: a.pt", "line 2, column 8", "expected: a list of LoRAs"),
        row("athanor: 1\nloras: [7]", "line 2, column 9", "found the number 7"),
        row("athanor: 1\nloras: [[a.pt]]", "line 2, column 9", "found a list"),
        row("athanor: 1\nloras: [a.pt@x.5.5.5]\nrnk: 3", "line 3, column 1", "did you mean rank?"),
        row("athanor: 1\nloras: ['a.pt@0,5']", "line 2, column 9", "write a.pt@0.5"),
        row("athanor: 1\nloras: ['a.pt@1,tee=5']", "line 2, column 9", "did you mean te=?"),
        row("athanor: 1\nloras: [{ratio: 1}]", "line 2, column 9", "neither file nor link"),
        row("athanor: 1\nloras: [{file: a, link: 'hf:a/b'}]", "column 9", "file and link"),
        row("athanor: 1\nloras: [{link: a.pt}]", "column 16", "this is not a link"),
        row("athanor: 1\nloras: [{file: a, ration: 1}]", "column 19", "did you mean ratio?"),
        row("athanor: 1\nloras: [{file: a, ratio: '1'}]", "column 26", "found the text '1'"),
        row("athanor: 1\nloras: [{file: a, ratio: .inf}]", "column 26", "the number .inf"),
        row("athanor: 1\nloras: [{file: a, ratio: [1]}]", "column 26", "found a list"),
        row("athanor: 1\nloras: [{file: 7}]", "column 16", "in quotes"),
        row("athanor: 1\nloras: [{file: a, te: x}]", "column 23", "a number such as 0.3"),
        row("athanor: 1\nloras: [{file: a, lbw: OUTAL}]", "column 24", "did you mean OUTALL"),
        row("athanor: 1\nloras: [{file: a, lbw: [1, 2]}]", "column 24", "2 weights"),
        row("athanor: 1\nloras: [{file: a, lbw: [x]}]", "column 25", "the text 'x'"),
        row("athanor: 1\nloras: [{file: a, only: [1]}]", "column 26", "the number 1"),
        row("athanor: 1\nloras: [{file: a, skip: {}}]", "column 25", "a map"),
        row("athanor: 1\nloras: [{file: a, sha256: abc}]", "column 27", "64 hexadecimal"),
        row("athanor: 1\nloras: [sub/a.pt]", "line 2, column 9", "expected: 'a.pt'"),
        row("athanor: 1\nloras: [{file: '..'}]", "column 16", "without their folders"),
        row("athanor: 1\nloras: ['C:\\loras\\a.pt@0.5']", "column 9", "expected: 'a.pt'"),
        row(head + "base: /models/b.safetensors", "line 3, column 7", "'b.safetensors'"),
        row(head + "base: ''", "line 3, column 7", "a file name"),
        row(head + "base: [b]", "line 3, column 7", "found a list"),
        row(head + "base: {file: b, ratio: 2}", "line 3, column 17", "no key of this name"),
        row(head + "base: b\nvae: true", "line 4, column 6", "found true"),
        row(head + "vae: v.pt", "line 3, column 6", "the recipe has no base"),
        row(head + "fix_positions: true", "line 3, column 16", "the recipe has no base"),
        row(head + "base: b\nfix_positions: 1", "line 4, column 16", "true or false"),
        row(head + "base: b\nmethod: svd", "line 4, column 9", "recipes without a base"),
        row(head + "base: b\nformat: peft", "line 4, column 9", "recipes without a base"),
        row(head + "precision: double", "line 3, column 12", "float, fp16 or bf16"),
        row(head + "save_precision: fp8", "line 3, column 17", "fp16 or bf16, or keep"),
        row(head + "method: best", "line 3, column 9", "exact, svd or kohya"),
        row(head + "method: svd", "line 3, column 9", "how far to reduce"),
        row(head + "method: exact\nrank: 4", "line 3, column 9", "are for method svd"),
        row(head + "method: kohya\nformat: peft", "line 3, column 9", "kohya's names only"),
        row(head + "rank: 0", "line 3, column 7", "a whole number of at least 1"),
        row(head + "rank: 1.5", "line 3, column 7", "a whole number of at least 1"),
        row(head + "conv_rank: x", "line 3, column 12", "a whole number"),
        row(head + "keep: 1.5", "line 3, column 7", "at most 1"),
        row(head + "keep: 0", "line 3, column 7", "more than 0"),
        row(head + "format: onnx", "line 3, column 9", "kohya, peft, comfy"),
        row(head + "no_metadata: yes", "line 3, column 14", "the text 'yes'"),
        row(head + "out: a/b.safetensors", "line 3, column 6", "without their folders"),
        row(head + "push: ann/mix", "line 3, column 7", "repo: USER/NAME"),
        row(head + "push: {}", "line 3, column 7", "does not say where"),
        row(head + "push: {repo: mix}", "line 3, column 14", "USER/REPO"),
        row(head + "push: {repo: a/b, visibility: secret}", "column 31", "private or public"),
        row(head + "push: {repo: a/b, token: x}", "column 19", "no key of this name"),
        row(head + "base: a\nbase: b", "line 4, column 1", "base, also in line 3"),
        row(head + "hf_token: x", "line 3, column 1", "no key of this name"));
  }

  private static Arguments row(String yaml, String where, String what) {
    return Arguments.of(yaml, where, what);
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void saysWhereAMistakeIsAndWhatIsExpected(String yaml, String where, String what) {
    Problem problem = problem(yaml.getBytes(StandardCharsets.UTF_8));
    assertThat(problem.kind()).isEqualTo(Kind.USAGE);
    assertThat(problem.line() + " help: " + problem.help().orElse("")).contains(where, what);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://civitai.com/api/download/models/345?token=s3cret",
        "https://civitai.com/api/download/models/345?type=Model&token=s3cret",
        "https://example.com/a.safetensors?X-Amz-Signature=s3cret&X-Amz-Date=1",
        "https://example.com/a.safetensors?sig=s3cret",
        "https://example.com/a.safetensors?Key-Pair-Id=s3cret",
        "https://example.com/a.safetensors?api%5Fkey=s3cret",
        "https://example.com/a.safetensors?x=s3cretXs3cretXs3cretXs3cretXs3cretXs3cretX",
        "https://ann:s3cret@example.com/a.safetensors",
        "https://s3cret@example.com/a.safetensors",
      })
  void neverHoldsASecret(String link) {
    for (String yaml :
        List.of(
            "athanor: 1\nloras: ['" + link + "@0.5']",
            "athanor: 1\nloras: [{link: '" + link + "'}]",
            "athanor: 1\nloras: [a.pt]\nbase: '" + link + "'")) {
      Problem problem = problem(yaml.getBytes(StandardCharsets.UTF_8));
      assertThat(problem.what()).contains("must not hold a token");
      assertThat(problem.toString()).doesNotContain("s3cret");
      assertThat(problem.help().orElseThrow()).contains("athanor auth login");
    }
    var request = new InputRequest(link);
    assertThat(request.portable()).doesNotContain("s3cret");
    assertThat(request.shown()).doesNotContain("s3cret");
    var lora = new LoraRequest(request, Strength.FULL);
    var merge =
        new MergeRequest(
            Optional.of(request),
            List.of(lora),
            Optional.of(request),
            false,
            MergeOptions.defaults(),
            LoraMethods.standard(),
            false);
    var file = new RecipeFile(merge, Optional.of("/home/ann/x.safetensors"), Optional.empty());
    assertThat(file.toYaml()).doesNotContain("s3cret", "/home");
  }

  @Test
  void writesFilesWithoutTheirFolders() {
    assertThat(new InputRequest("/home/ann/loras/a.pt").portable()).isEqualTo("a.pt");
    assertThat(new InputRequest("C:\\loras\\a.pt").portable()).isEqualTo("a.pt");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "athanor: 1\\nloras: [a.pt | not valid YAML",
        "athanor: 1\\n\\tloras: 7 | not valid YAML",
        "athanor: 1\\nloras: 'a | not valid YAML",
        "athanor: @x | not valid YAML",
        "'' | an empty file",
        "# nothing | an empty file",
        "just words | the text 'just words'",
        "[1, 2] | a list",
        "athanor: 1\\n---\\nathanor: 1 | there are several",
        "athanor: 1\\nbase: &x a\\nvae: *x | anchors and aliases",
        "athanor: 1\\nbase: !!java.io.File /etc/passwd | tags (!)",
        "athanor: !!int 1 | tags (!)",
        "athanor: 1\\nbase: !!map {} | tags (!)",
        "? [a] : 1 | a key must be a word",
      })
  void whatIsNoYamlOfARecipeIsABadFile(String yaml, String what) {
    Problem problem = problem(yaml.replace("\\n", "\n").replace("\\t", "\t"));
    assertThat(problem.kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(problem.line()).contains(what);
  }

  @Test
  void refusesALaughingBillionQuickly() {
    StringBuilder yaml = new StringBuilder("athanor: 1\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      String alias = "*a" + (i - 1);
      yaml.append("a").append(i).append(": &a").append(i).append(" [");
      yaml.append(String.join(", ", java.util.Collections.nCopies(9, alias))).append("]\n");
    }
    assertThat(problem(yaml.toString()).what()).contains("anchors and aliases");
  }

  @Test
  void refusesDeepNesting() {
    assertThat(problem("a: " + "[".repeat(100_000)).what()).contains("nested too deeply");
    assertThat(problem("a: " + "{a: ".repeat(100_000)).what()).contains("nested too deeply");
    assertThat(problem("- ".repeat(100_000)).what()).contains("nested too deeply");
  }

  @Test
  void refusesWhatIsLargeOrNoText() {
    assertThat(problem("athanor: 1\nbase: " + "x".repeat(2 << 20)).what()).contains("too large");
    byte[] binary = Gen.fixed(5).bytes(4096);
    assertThat(problem(binary).kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(problem(new byte[] {'a', ':', ' ', 0, '\n'}).kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(problem(new byte[] {'a', ':', ' ', (byte) 0xff}).what()).contains("not text");
  }

  private static RecipeFile parse(String yaml) {
    return RecipeFile.parse(yaml.getBytes(StandardCharsets.UTF_8), "r.yaml");
  }

  private static Problem problem(String yaml) {
    return problem(yaml.getBytes(StandardCharsets.UTF_8));
  }

  private static Problem problem(byte[] yaml) {
    AthanorException e =
        catchThrowableOfType(AthanorException.class, () -> RecipeFile.parse(yaml, "r.yaml"));
    assertThat(e).isNotNull();
    return e.problem();
  }
}
