package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.SparseFile;
import athanor.testkit.TensorFile;
import athanor.testkit.VaeFile;
import athanor.testkit.web.FakeCivitai;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Links together with weights of parts, with another VAE, without a base, with {@code --scan}. */
class WeightedLinksTest extends LinkFixture {
  private static final String TO_K2 =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";

  /** A LoRA whose shapes tell SD 1.x without a base. */
  private Path sd1Lora(String name, int rank, long seed) {
    Gen random = Gen.fixed(seed);
    TensorFile file = Sample.pair(new TensorFile(), TO_Q, 320, rank, 320, DType.F32, random);
    return write(Sample.pair(file, TO_K2, 320, rank, 768, DType.F32, random), name);
  }

  private Path local(String... arguments) {
    Path result = home.resolve("local.safetensors");
    List<String> command = new ArrayList<>(List.of("merge"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--out", result.toString()));
    CommandLineRun run = run(command.toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    return result;
  }

  private void assertMergedAs(Path expected, CommandLineRun run) {
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(TensorFile.allBytes(out()))
        .containsExactlyInAnyOrderEntriesOf(TensorFile.allBytes(expected));
  }

  @Test
  void weighsThePartsOfALinkedLora() {
    Path base = write(base(), "base");
    Path pixel = sd1Lora("pixel", 8, 3);
    String baseLink = publish("alice/base", base);
    String link = publish("alice/pixel", pixel);
    String weights = ",te=0.3,skip=attn2";
    Path expected = local("--base", base.toString(), pixel + "@0.6" + weights);

    assertMergedAs(expected, merge("--base", baseLink, link + "@main@0.6" + weights));
  }

  @Test
  void weighsThePartsInKohyasSpelling() {
    Path base = write(base(), "base");
    Path pixel = sd1Lora("pixel", 8, 3);
    String link = publish("alice/pixel", pixel);
    Path expected = local("--base", base.toString(), pixel + "@0.5,only=attn1");

    CommandLineRun run =
        merge("--base", base.toString(), "--models", link + ",only=attn1", "--ratios", "0.5");

    assertMergedAs(expected, run);
  }

  @Test
  void theRatioBehindALinkCountsInKohyasSpellingToo() {
    Path base = write(base(), "base");
    Path pixel = sd1Lora("pixel", 8, 3);
    String link = publish("alice/pixel", pixel);
    Path expected = local("--base", base.toString(), pixel + "@0.25");

    assertMergedAs(expected, merge("--base", base.toString(), "--models", link + "@0.25"));
  }

  @Test
  void refusesARatioBehindALinkBesideRatios() {
    String link = "https://ann:secret@example.com/pixel.safetensors?token=secret@0.25";
    CommandLineRun run =
        merge("--base", write(base(), "base").toString(), "--models", link, "--ratios", "0.5");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("a ratio is given twice", "@0.25 behind it and 0.5 in --ratios")
        .contains("https://example.com/pixel.safetensors")
        .doesNotContain("secret");
    assertThat(requests()).isZero();
  }

  @Test
  void refusesAnUnknownWeightBehindALink() {
    String link = publish("alice/pixel", sd1Lora("pixel", 8, 3));
    CommandLineRun run = merge("--base", write(base(), "base").toString(), link + "@0.6,tee=1");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("no weight of this name", "did you mean te=");
    assertThat(out()).doesNotExist();
  }

  @Test
  void takesTheVaeFromALink() {
    Path base = write(base(), "base");
    Path vae = SparseFile.write(home.resolve("kl.safetensors"), VaeFile.original(DType.F8_E4M3));
    Path pixel = sd1Lora("pixel", 8, 3);
    String vaeLink = publish("alice/vae", vae);
    Path expected = local("--base", base.toString(), pixel.toString(), "--vae", vae.toString());

    CommandLineRun dry =
        merge("--base", base.toString(), pixel.toString(), "--vae", vaeLink, "--dry-run");
    assertThat(dry.code()).as(dry.err()).isZero();
    assertThat(dry.out()).contains(vaeLink, "to download: ");

    assertMergedAs(expected, merge("--base", base.toString(), pixel.toString(), "--vae", vaeLink));
  }

  @Test
  void mergesLinkedLorasIntoOne() {
    Path pixel = sd1Lora("pixel", 8, 3);
    Path ink = sd1Lora("ink", 4, 4);
    String pixelLink = publish("alice/pixel", pixel);
    String inkLink = publish("alice/ink", ink);
    Path expected = local(pixel + "@0.6", ink + "@0.4");

    CommandLineRun dry = merge(pixelLink, inkLink, "--dry-run", "--keep", "0.9");
    assertThat(dry.code()).as(dry.err()).isZero();
    assertThat(dry.out()).contains(pixelLink, "to download: ");
    assertThat(out()).doesNotExist();

    CommandLineRun run = merge(pixelLink + "@0.6", inkLink + "@0.4");
    assertMergedAs(expected, run);
    assertThat(run.err()).contains("ink.safetensors: downloaded", "hash verified");
  }

  @Test
  void checksLinkedLorasAgainstEachOther() {
    String pixel = publish("alice/pixel", sd1Lora("pixel", 8, 3));
    String ink = publish("alice/ink", sd1Lora("ink", 4, 4));
    CommandLineRun check = run("check", pixel, ink);
    assertThat(check.code()).as(check.err()).isZero();
    assertThat(check.out()).contains("pixel.safetensors", "SD 1.x", "to download: ");
    assertThat(home.resolve("cache/files")).doesNotExist();
  }

  @Test
  void downloadsNoLoraThatDoesNotFitTheOthers() {
    String pixel = publish("alice/pixel", sd1Lora("pixel", 8, 3));
    String wrong = publish("alice/wrong", write(sdxlLora(), "wrong"));
    CommandLineRun run = merge(pixel, wrong);
    assertThat(run.code()).as(run.err()).isEqualTo(3);
    assertThat(home.resolve("cache/files")).doesNotExist();
  }

  @Test
  void refusesLinkedLorasOfKohyasMethodBeforeTheDownload() {
    String pixel = publish("alice/pixel", sd1Lora("pixel", 8, 3));
    String ink = publish("alice/ink", sd1Lora("ink", 4, 4));
    CommandLineRun run = merge(pixel, ink, "--method", "kohya");
    assertThat(run.code()).as(run.err()).isEqualTo(3);
    assertThat(home.resolve("cache/files")).doesNotExist();
  }

  @Test
  void saysWhatALinkedLoraWithoutBaseNeedsToBeRead() {
    Path pixel = sd1Lora("pixel", 8, 3);
    web.civitai().version(12, 345, FakeCivitai.Rule.KEY, civitaiFile(7, pixel));
    CommandLineRun check = run("check", "civitai:12", pixel.toString());
    assertThat(check.code()).isEqualTo(5);
    assertThat(check.err()).contains("athanor auth login civitai");
  }

  @Test
  void scansALinkOnceItIsInTheCache() {
    String link = publish("alice/pixel", sd1Lora("pixel", 8, 3));
    CommandLineRun early = run("inspect", "--scan", link);
    assertThat(early.code()).isEqualTo(2);
    assertThat(early.out()).contains("athanor get " + link);

    CommandLineRun merge = merge("--base", write(base(), "base").toString(), link);
    assertThat(merge.code()).as(merge.err()).isZero();
    CommandLineRun scan = run("inspect", "--scan", "--hash", link);
    assertThat(scan.code()).as(scan.err()).isZero();
    assertThat(scan.out()).contains("AutoV3", link);
  }
}
