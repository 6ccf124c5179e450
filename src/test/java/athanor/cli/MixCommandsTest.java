package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.format.StateDicts;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.SparseFile;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mixing checkpoints as people type it. */
class MixCommandsTest {
  private static final String KEY = Sample.UNET + "time_embed.0.weight";

  @TempDir private Path folder;
  private final Gen gen = Gen.seeded("mix commands");
  private String a;
  private String b;
  private String c;
  private String out;

  @BeforeEach
  void write() {
    a = checkpoint("a");
    b = checkpoint("b");
    c = checkpoint("c");
    out = folder.resolve("out.safetensors").toString();
  }

  private String checkpoint(String name) {
    List<TensorInfo> tensors = Sample.corner(DType.F16);
    return new TensorFile()
        .random(tensors, 0.1, gen)
        .write(folder.resolve(name + ".safetensors"))
        .toString();
  }

  private static CommandLineRun run(String... arguments) {
    return CommandLineRun.of((stdout, stderr) -> new Main(stdout, stderr).run(arguments));
  }

  private byte[] made() {
    return TensorFile.allBytes(Path.of(out)).get(KEY);
  }

  @Test
  void aMixIsMadeAndToldAndRunAgainFromItsRecipe() {
    String recipe = folder.resolve("mix.yaml").toString();
    CommandLineRun run =
        run(
            "merge",
            "--base",
            a,
            "--mix",
            b + "@0.4",
            "--add",
            b,
            "--minus",
            c,
            "--ratio",
            "0.8",
            "--out",
            out,
            "--recipe-out",
            recipe);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("b.safetensors@0.4: 16 of 16 tensors mixed, 0 identical, 0 left")
        .contains("b.safetensors − c.safetensors@0.8: 16 of 16 tensors mixed");

    byte[] first = made();
    CommandLineRun again = run("run", recipe, "--out", out, "--overwrite");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(made()).isEqualTo(first);
    CommandLineRun rebuilt = run("rebuild", out, "--inputs", folder.toString());
    assertThat(rebuilt.code()).as(rebuilt.err()).isZero();
    assertThat(rebuilt.out()).contains("is the same");
    assertThat(run("inspect", out).out())
        .contains("a.safetensors + b.safetensors@0.4 + (b.safetensors − c.safetensors)@0.8");
  }

  @Test
  void theMetadataTellWebUisWhatWasMixed() {
    run("merge", "--base", a, "--add", b, "--minus", c, "--ratio", "0.8", "--out", out);
    try (StateDict file = StateDicts.open(Path.of(out))) {
      assertThat(file.metadata().get("sd_merge_recipe"))
          .contains(
              "\"type\":\"athanor\"",
              "\"interp_method\":\"Add difference\"",
              "\"multiplier\":0.8",
              "\"save_as_half\":false",
              "\"custom_name\":\"out\"")
          .doesNotContain("\"models\"");
      assertThat(file.metadata().get("sd_merge_models"))
          .contains("\"name\":\"a.safetensors\"", "\"name\":\"c.safetensors\"", "legacy_hash");
      assertThat(file.metadata().get("modelspec.merged_from")).isEqualTo("a, b, c");
    }
  }

  @Test
  void checkSaysWhatACheckpointIsToTheBase() {
    CommandLineRun same = run("check", "--base", a, "--mix", a + "@0.5");
    assertThat(same.code()).as(same.err()).isZero();
    assertThat(same.out()).contains("16 of 16", "the same values as the base");
    CommandLineRun other = run("check", "--base", a, "--mix", b + "@0.5", "--json");
    assertThat(other.out())
        .contains("\"result\":\"checkpoint\"", "\"combined\":16")
        .contains("hardly related to the base");
  }

  @Test
  void diffTellsHowFarTwoCheckpointsAre() {
    run("merge", "--base", a, "--mix", b + "@0.1,only=time_embed", "--out", out);
    CommandLineRun diff = run("diff", a, out);
    assertThat(diff.code()).as(diff.err()).isZero();
    assertThat(diff.out())
        .contains("16 weights in common, 14 of them identical")
        .containsPattern("IN00 +4 +2 ")
        .containsPattern("IN01 +10 +all +0 %")
        .containsPattern("text encoder +2 +all +0 %")
        .contains(KEY);
    assertThat(run("diff", a, a).out()).contains("relative change 0 %");
    assertThat(run("diff", a).code()).isEqualTo(2);
    assertThat(run("diff", a, out, "--json").out())
        .startsWith("{\"result\":\"diff\",\"a\":\"a.safetensors\",\"b\":\"out.safetensors\"");
  }

  @Test
  void mistakesAreNamedWithTheCommandThatGoesOn() {
    CommandLineRun noBase = run("merge", "--mix", b + "@0.4", "--out", out);
    assertThat(noBase.code()).isEqualTo(2);
    assertThat(noBase.err()).contains("help: give the first of them as --base");
    CommandLineRun noMinus = run("merge", "--base", a, "--add", b, "--out", out);
    assertThat(noMinus.code()).isEqualTo(2);
    assertThat(noMinus.err()).contains("--add needs --minus");
    CommandLineRun noAdd = run("merge", "--base", a, "--ratio", "1", "--out", out);
    assertThat(noAdd.code()).isEqualTo(2);
    assertThat(noAdd.err()).contains("--ratio belongs to --add");
    CommandLineRun twice =
        run(
            "merge",
            "--base",
            a,
            "--add",
            b + "@0.5",
            "--minus",
            c,
            "--ratio",
            "0.8",
            "--out",
            out);
    assertThat(twice.code()).isEqualTo(2);
    assertThat(twice.err()).contains("a ratio is given twice");
    CommandLineRun method =
        run("merge", "--base", a, "--mix", b + "@1", "--method", "exact", "--out", out);
    assertThat(method.code()).isEqualTo(2);
    assertThat(method.err()).contains("--method exact is for LoRA results");
    CommandLineRun density =
        run("merge", "--base", a, "--mix", b + "@1", "--density", "0.5", "--out", out);
    assertThat(density.code()).isEqualTo(2);
    assertThat(density.err()).contains("density is for method ties, dare, della or breadcrumbs");
    assertThat(Path.of(out)).doesNotExist();
  }

  @Test
  void aCheckpointInAnotherLayoutIsNotMixedByTheNamesThatBothHave() {
    String same = "layers.0.adaLN_modulation.0.weight";
    Path original =
        sparse(
            "original",
            same + " 15360x256",
            "cap_embedder.1.weight 3840x2560",
            "noise_refiner.0.attention.k_norm.weight 128",
            "layers.0.attention.qkv.weight 96x8");
    Path diffusers =
        sparse(
            "diffusers",
            same + " 15360x256",
            "all_x_embedder.2-1.weight 3840x64",
            "layers.0.attention.to_q.weight 32x8",
            "layers.0.attention.norm_k.weight 128");

    CommandLineRun mix =
        run("merge", "--base", original.toString(), "--mix", diffusers + "@0.5", "--out", out);
    assertThat(mix.code()).isEqualTo(3);
    assertThat(mix.err())
        .contains(
            "found the layout diffusers (expected: the layout original, as original.safetensors)",
            "help: athanor convert diffusers.safetensors --layout original --out ");
    CommandLineRun extract =
        run(
            "extract",
            "--base",
            original.toString(),
            "--tuned",
            diffusers.toString(),
            "--rank",
            "4",
            "--out",
            out);
    assertThat(extract.code()).isEqualTo(3);
    assertThat(extract.err()).contains("found the layout diffusers");
    assertThat(Path.of(out)).doesNotExist();
  }

  /** A file of zeros with these keys and shapes. */
  private Path sparse(String name, String... lines) {
    List<TensorInfo> tensors =
        Stream.of(lines)
            .map(line -> line.split(" "))
            .map(line ->
                new TensorInfo(
                    line[0],
                    DType.BF16,
                    Shape.of(Stream.of(line[1].split("x")).mapToLong(Long::parseLong).toArray())))
            .toList();
    return SparseFile.write(folder.resolve(name + ".safetensors"), tensors);
  }

  @Test
  void aMixTwiceIsSaidAndAPartTakenAsAWholeIsNone() {
    CommandLineRun twice =
        run("merge", "--base", a, "--mix", b + "@0.2", "--mix", b + "@0.3", "--out", out);
    assertThat(twice.err())
        .contains("b.safetensors is mixed in more than once (as number 1 and 2); both count");
    CommandLineRun whole =
        run(
            "merge",
            "--base",
            a,
            "--mix",
            b + "@0.2",
            "--unet-from",
            "B",
            "--out",
            out,
            "--overwrite");
    assertThat(whole.code()).isZero();
    assertThat(whole.err()).doesNotContain("more than once");
  }

  @Test
  void whatIsNoNumberInACheckpointIsNotTrimmedAway() {
    String bad = folder.resolve("bad.safetensors").toString();
    TensorInfo tensor =
        Sample.corner(DType.F16).stream()
            .filter(one -> one.key().equals(KEY))
            .findFirst()
            .orElseThrow();
    byte[] values = TensorFile.allBytes(Path.of(b)).get(KEY).clone();
    values[1] = 0x7e; // NaN
    TensorFile.copyOf(Path.of(b)).put(tensor, values).write(Path.of(bad));
    for (String method : List.of("ties", "breadcrumbs")) {
      CommandLineRun run =
          run(
              "merge",
              "--base",
              a,
              "--mix",
              bad + "@0.4",
              "--method",
              method,
              "--density",
              "0.5",
              "--out",
              out);
      assertThat(run.code()).as(method).isEqualTo(7);
      assertThat(Path.of(out)).doesNotExist();
    }
  }

  @Test
  void aMethodIsInTheRecipeWithItsSeed() {
    run(
        "merge",
        "--base",
        a,
        "--mix",
        b + "@0.5",
        "--method",
        "dare",
        "--density",
        "0.5",
        "--seed",
        "7",
        "--out",
        out);
    try (StateDict file = StateDicts.open(Path.of(out))) {
      assertThat(file.metadata().get("athanor.recipe"))
          .contains("\"method\":\"dare\"", "\"density\":0.5", "\"seed\":7");
    }
    byte[] first = made();
    CommandLineRun rebuilt = run("rebuild", out, "--inputs", folder.toString());
    assertThat(rebuilt.code()).as(rebuilt.err()).isZero();
    assertThat(made()).isEqualTo(first);
  }

  private byte[] bytesOf(String file, String key) {
    return TensorFile.allBytes(Path.of(file)).get(key);
  }

  private static final String TEXT = Sample.TEXT + "encoder.layers.0.self_attn.q_proj.weight";

  @Test
  void kohyasMergeModelsIsUnderstood() {
    CommandLineRun run =
        run("merge", "--models", a, b, "--ratios", "0.75", "0.25", "--output", out, "--unet_only");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(bytesOf(out, TEXT)).isEqualTo(bytesOf(a, TEXT));
    byte[] kohyas = made();
    run("merge", "--base", a, "--mix", b + "@0.25", "--out", out, "--overwrite");
    assertThat(made()).isEqualTo(kohyas);
    run("merge", "--models", a, b, "--output", out, "--overwrite");
    byte[] even = made();
    run("merge", "--base", a, "--mix", b + "@0.5", "--out", out, "--overwrite");
    assertThat(made()).isEqualTo(even);
  }

  @Test
  void kohyasRatiosMustAddUpToOne() {
    CommandLineRun run =
        run("merge", "--models", a, b, "--ratios", "0.75", "0.75", "--output", out);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("together 1.5", "help: --ratios 0.5");
    assertThat(run("merge", "--models", a, "--output", out).code()).isEqualTo(2);
    assertThat(run("merge", "--models", a, b, "--ratios", "1", "--output", out).code())
        .isEqualTo(2);
  }

  @Test
  void partsComeAsAWholeFromOneOfThem() {
    CommandLineRun run =
        run(
            "merge",
            "--base",
            a,
            "--mix",
            b + "@0.5",
            "--te-from",
            "B",
            "--unet-from",
            c,
            "--out",
            out);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(bytesOf(out, TEXT)).isEqualTo(bytesOf(b, TEXT));
    assertThat(made()).isEqualTo(bytesOf(c, KEY));

    run("merge", "--base", a, "--mix", b + "@0.5", "--te-from", "A", "--out", out, "--overwrite");
    assertThat(bytesOf(out, TEXT)).isEqualTo(bytesOf(a, TEXT));
    assertThat(made()).isNotEqualTo(bytesOf(a, KEY)).isNotEqualTo(bytesOf(b, KEY));
    CommandLineRun wrong =
        run("merge", "--base", a, "--mix", b + "@0.5", "--te-from", "D", "--out", out);
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("there is no checkpoint D");
  }

  @Test
  void blockWeightsChooseHowMuchOfEachBlockIsMixed() {
    String blocks = "0.25,1" + ",0".repeat(24);
    CommandLineRun run =
        run("merge", "--base", a, "--mix", b + "@0.5,lbw=" + blocks, "--out", out, "-v");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("b.safetensors, factor of each block")
        .containsPattern("BASE \\(text encoder\\) +0.125 +2 +0")
        .containsPattern("IN00 +0.5 +4 +0")
        .containsPattern("IN01 +– +0 +10");
    byte[] weighted = made();
    run("merge", "--base", a, "--mix", b + "@0.5", "--out", out, "--overwrite");
    assertThat(made()).isEqualTo(weighted);
    assertThat(bytesOf(out, TEXT)).isNotEqualTo(bytesOf(a, TEXT));
  }

  @Test
  void elementsHaveRatiosOfTheirOwn() throws IOException {
    Path rules =
        Files.writeString(
            folder.resolve("rules.txt"),
            "# rules\nIN00:time_embed.0.weight:1, NOT IN00 IN01::0\nIN01:attn1:0\n");
    CommandLineRun run =
        run(
            "merge",
            "--base",
            a,
            "--mix",
            b + "@0.5",
            "--elements",
            rules.toString(),
            "--out",
            out);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(made()).isEqualTo(bytesOf(b, KEY));
    assertThat(bytesOf(out, TEXT)).isEqualTo(bytesOf(a, TEXT));
    String attn = Sample.UNET + "input_blocks.1.1.transformer_blocks.0.attn";
    assertThat(bytesOf(out, attn + "1.to_q.weight")).isEqualTo(bytesOf(a, attn + "1.to_q.weight"));
    assertThat(bytesOf(out, attn + "2.to_q.weight"))
        .isNotEqualTo(bytesOf(a, attn + "2.to_q.weight"));
    CommandLineRun rebuilt = run("rebuild", out, "--inputs", folder.toString());
    assertThat(rebuilt.code()).as(rebuilt.err()).isZero();

    Files.writeString(rules, "OUT03:attn2");
    CommandLineRun bad =
        run("merge", "--base", a, "--mix", b, "--elements", rules.toString(), "--out", out);
    assertThat(bad.code()).isEqualTo(2);
    assertThat(bad.err()).contains("rules.txt", "'OUT03:attn2'");
  }

  @Test
  void aBaseMayBeAMixItself() throws IOException {
    Path recipe =
        Files.writeString(
            folder.resolve("nested.yaml"),
            """
            athanor: 1
            base:
              base: a.safetensors
              mix: [b.safetensors@0.5]
            mix: [c.safetensors@0.25]
            out: out.safetensors
            """);
    CommandLineRun run = run("run", recipe.toString());
    assertThat(run.code()).as(run.err()).isZero();
    byte[] nested = made();
    run(
        "merge",
        "--base",
        a,
        "--mix",
        b + "@0.375",
        "--mix",
        c + "@0.25",
        "--out",
        out,
        "--overwrite");
    assertThat(made()).isEqualTo(nested);

    Files.writeString(
        recipe,
        """
        athanor: 1
        base:
          base: a.safetensors
          mix: [b.safetensors@0.5]
        mix: ["c.safetensors@0.25,te=0.5"]
        out: out.safetensors
        """);
    CommandLineRun bad = run("run", recipe.toString(), "--overwrite");
    assertThat(bad.code()).isEqualTo(2);
    assertThat(bad.err()).contains("nested.yaml, line 5", "one ratio for all of its parts");
  }

  @Test
  void nothingLeftOfTheBaseIsSaid() {
    assertThat(run("merge", "--base", a, "--mix", b, "--out", out).err())
        .contains("nothing of a.safetensors is left");
  }
}
