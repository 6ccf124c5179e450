package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.net.Json;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command analyze, as people type it. */
class AnalyzeCommandTest {
  private static final String Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String K = Q.replace("to_q", "to_k");

  @TempDir private Path folder;

  private String lora(String name, String module, float scale, int seed) {
    float[] up = Gen.fixed(seed).gaussians(320 * 8, 1);
    float[] down = Gen.fixed(seed + 100).gaussians(8 * 320, 1);
    for (int i = 0; i < up.length; i++) {
      up[i] *= scale;
    }
    return new TensorFile()
        .put(module + ".lora_up.weight", DType.F32, Shape.of(320, 8), up)
        .put(module + ".lora_down.weight", DType.F32, Shape.of(8, 320), down)
        .put(module + ".alpha", DType.F32, Shape.of(), 8)
        .write(folder.resolve(name))
        .toString();
  }

  private static CommandLineRun run(String... arguments) {
    return CommandLineRun.of((out, err) -> new Main(out, err).run(arguments));
  }

  private static Json json(CommandLineRun run) throws IOException {
    return Json.parse(run.out().strip().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void saysThatTheSameChangeTwiceAsLoudIsTwiceAsLoudAndAlike() throws IOException {
    String one = lora("one.safetensors", Q, 1, 1);
    String two = lora("two.safetensors", Q, 4, 1);
    CommandLineRun run = run("analyze", one, two + "@0.5", "--json");
    assertThat(run.code()).as(run.err()).isZero();
    Json loras = json(run).get("loras");
    double norm = loras.items().get(0).get("norm").number().orElseThrow();
    assertThat(loras.items().get(1).get("norm").number().orElseThrow())
        .isCloseTo(2 * norm, within(1e-4 * norm));
    double balanced = loras.items().get(0).get("balanced_ratio").number().orElseThrow();
    assertThat(balanced).isCloseTo(Math.sqrt(2.5), within(1e-4));
    assertThat(loras.items().get(1).get("balanced_ratio").number().orElseThrow() * 4)
        .as("equal energies")
        .isCloseTo(balanced, within(1e-4));
    Json pair = json(run).get("pairs").items().get(0);
    assertThat(pair.get("cosine").number().orElseThrow()).isCloseTo(1, within(1e-6));
    assertThat(pair.get("relation").text()).contains("alike");
    assertThat(json(run).get("total").get("push").number().orElseThrow())
        .isCloseTo(3 * norm, within(1e-3 * norm));
  }

  @Test
  void saysWhoFightsAndWhoHasNothingInCommon() {
    String one = lora("one.safetensors", Q, 1, 1);
    String against = lora("against.safetensors", Q, -1, 1);
    String elsewhere = lora("elsewhere.safetensors", K, 1, 2);
    CommandLineRun run = run("analyze", one, against, elsewhere);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("they fight")
        .contains("no weight in common")
        .contains("one.safetensors and against.safetensors fight: they point against each other");
  }

  @Test
  void comparesWithABaseAndForecastsRounding() throws IOException {
    Path base = folder.resolve("base.safetensors");
    new TensorFile().random(Sample.sd1(DType.F16), 0.02, Gen.fixed(3)).write(base);
    String tiny = lora("tiny.safetensors", Q, 1e-6f, 1);
    CommandLineRun run = run("analyze", "--base", base.toString(), tiny, "--json");
    assertThat(run.code()).as(run.err()).isZero();
    Json stored = json(run).get("loras").items().get(0).get("stored");
    assertThat(stored.items().get(0).get("type").text()).contains("f8_e4m3");
    assertThat(stored.items().get(0).get("unchanged").number().orElseThrow()).isGreaterThan(0.95);
    assertThat(json(run).get("loras").items().get(0).get("loudness").number().orElseThrow())
        .isBetween(0.0, 0.01);
    assertThat(json(run).get("advice").toString()).contains("of the weights stay as they were");
  }

  @Test
  void writesAPageThatNeedsNothingFromElsewhere() throws IOException {
    String one = lora("a&b.safetensors", Q, 1, 1);
    String two = lora("two.safetensors", Q, 1, 2);
    Path page = folder.resolve("report.html");
    CommandLineRun run = run("analyze", one, two, "--html", page.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.readString(page))
        .contains("a&amp;b.safetensors")
        .contains("<svg role=\"img\"")
        .contains("\"result\":\"analysis\"")
        .doesNotContainPattern("(src|href)=");
    assertThat(Files.size(page)).isLessThan(1_000_000);
    CommandLineRun again = run("analyze", one, two, "--html", page.toString());
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("--overwrite");
  }

  @Test
  void refusesWhatDoesNotFitWithoutWritingAPage() {
    String one = lora("one.safetensors", Q, 1, 1);
    Path page = folder.resolve("report.html");
    String other =
        Sample.pair(
                new TensorFile(),
                "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k",
                640,
                4,
                2048,
                DType.F16,
                Gen.fixed(5))
            .write(folder.resolve("xl.safetensors"))
            .toString();
    CommandLineRun run = run("analyze", one, other, "--html", page.toString());
    assertThat(run.code()).as(run.err()).isEqualTo(3);
    assertThat(page).doesNotExist();
  }

  @Test
  void givesTheSameFiguresForAnyNumberOfThreads() {
    String one = lora("one.safetensors", Q, 1, 1);
    String two = lora("two.safetensors", Q, 1, 2);
    String single = run("analyze", one, two, "--json", "--threads", "1").out();
    assertThat(run("analyze", one, two, "--json", "--threads", "3").out()).isEqualTo(single);
  }
}
