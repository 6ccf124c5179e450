package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.file.InputFile;
import athanor.format.FileHashes;
import athanor.progress.Progress;
import athanor.tensor.DType;
import athanor.tensor.TensorInfo;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Known;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import athanor.testkit.web.FakeCivitai;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class CardCommandTest extends LinkFixture {

  @Test
  void saysWhereAMergedCheckpointComesFrom() {
    Path ink = write(lora(TO_Q).metadata("modelspec.trigger_phrase", "inky"), "ink");
    web.civitai().version(12, 345, FakeCivitai.Rule.ANYONE, civitaiFile(7, ink));
    String base = publish("alice/base", write(base(), "base"));
    String pixel = publish("bob/pixel", write(lora(TO_K), "pixel"));
    String civitai = "https://civitai.com/models/12";
    assertThat(merge("--base", base, pixel + "@0.6", civitai + "@0.4").code()).isZero();

    String card = card(out(), "--repo", "me/mix");

    assertThat(frontMatter(card))
        .isEqualTo(
            Map.of(
                "library_name", "diffusion-single-file",
                "pipeline_tag", "text-to-image",
                "base_model", List.of("alice/base", "bob/pixel"),
                "base_model_relation", "merge",
                "tags", List.of("stable-diffusion", "text-to-image", "merge", "athanor")));
    assertThat(card)
        .contains("[`pixel.safetensors`](https://huggingface.co/bob/pixel/blob/main/", "| 0.6 |")
        .contains("[`ink.safetensors`](https://civitai.com/models/12) | 0.4 |")
        .contains(blob(ink).sha256(), hashes(out()).sha256(), "`inky`", "by `ann`")
        .contains("https://huggingface.co/me/mix/blob/main/out.safetensors")
        .doesNotContain(home.toString());
  }

  @Test
  void describesAMergedSdxlCheckpoint() {
    List<TensorInfo> cutting =
        Sample.cutting(
            Known.SDXL,
            DType.BF16,
            Sample.UNET + "input_blocks.0.",
            Sample.UNET + "input_blocks.4.1.transformer_blocks.0.attn2.",
            Sample.UNET + "input_blocks.8.1.transformer_blocks.9.attn2.to_k",
            Sample.UNET + "label_emb.",
            "conditioner.embedders.1.model.transformer.resblocks.0.ln_1.");
    Path base = write(new TensorFile().random(cutting, 0.05, gen), "sdxl");
    String lora = write(sdxlLora(), "ink").toString();
    CommandLineRun merged = merge("--base", base.toString(), lora);
    assertThat(merged.code()).as(merged.err()).isZero();

    String card = card(out());

    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("library_name", "diffusion-single-file");
    expected.put("pipeline_tag", "text-to-image");
    expected.put("tags", List.of("stable-diffusion-xl", "text-to-image", "merge", "athanor"));
    assertThat(frontMatter(card)).isEqualTo(expected);
    assertThat(card)
        .contains("checkpoint: `sdxl.safetensors` with 1 LoRA merged into it.")
        .contains("from diffusers import StableDiffusionXLPipeline", "\"out.safetensors\"")
        .contains("| weights | bf16 |");
  }

  @Test
  void describesAMergedLora() {
    String one =
        write(sdxlLora().metadata("modelspec.trigger_phrase", "inky, dots"), "a").toString();
    String two = write(sdxlLora(), "b").toString();
    assertThat(merge(one + "@0.5", two).code()).isZero();

    String card = card(out(), "--repo", "me/mix");

    assertThat(frontMatter(card).get("instance_prompt")).isEqualTo("inky, dots");
    assertThat(frontMatter(card).get("library_name")).isEqualTo("diffusers");
    assertThat(card)
        .contains("SDXL LoRA, merged from 2 LoRAs.", "Method: exact.", "`<lora:out:1>`")
        .contains("| AutoV3 | `" + hashes(out()).autoV3().substring(0, 12) + "` |")
        .contains("pipe.load_lora_weights(\"me/mix\", weight_name=\"out.safetensors\")");
  }

  @Test
  void aResultWithoutMetadataDoesNotBoastTheRecipeOfItsBase() throws IOException {
    String pixel = write(lora(TO_Q), "pixel").toString();
    assertThat(merge("--base", write(base(), "base").toString(), pixel).code()).isZero();
    Path first = Files.move(out(), home.resolve("first.safetensors"));
    assertThat(card(first)).contains("## Recipe");
    assertThat(merge("--base", first.toString(), pixel, "--no_metadata").code()).isZero();
    assertThat(card(out())).doesNotContain("## Recipe", "athanor\n");
  }

  @Test
  void describesALoraAsItsTrainerDid() {
    Path lora =
        write(
            lora(TO_Q)
                .metadata("ss_base_model_version", "sd_v1")
                .metadata("modelspec.trigger_phrase", "<b>|pix")
                .metadata("modelspec.license", "MIT")
                .metadata("modelspec.author", "ann\n# x")
                .metadata("ss_tag_frequency", "{\"a\":{\"1girl\":5,\"`solo`\":3}}"),
            "pixel");
    String card = card(lora);
    assertThat(frontMatter(card).get("license")).isEqualTo("mit");
    assertThat(frontMatter(card).get("instance_prompt")).isEqualTo("<b>|pix");
    assertThat(frontMatter(card).get("tags"))
        .isEqualTo(List.of("stable-diffusion", "text-to-image", "lora"));
    assertThat(card)
        .contains("- <code>&#60;b&#62;&#124;pix</code>\n")
        .contains("frequent tags of the training: `1girl`, `` `solo` ``")
        .contains("- by `ann # x`\n", "\nSD 1.x LoRA.\n");
  }

  @Test
  void writesAFileAndUpdatesIt() throws IOException {
    String lora = write(lora(TO_Q), "pixel").toString();
    Path readme = home.resolve("README.md");
    assertThat(run("card", lora, "--out", readme.toString()).code()).isZero();
    String first = Files.readString(readme);
    assertThat(first).isEqualTo(card(Path.of(lora)));

    CommandLineRun again = run("card", lora, "--out", readme.toString());
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("--update adds what it lacks, --overwrite replaces it");

    Files.writeString(readme, first.replace("# pixel", "# Pixel art"));
    CommandLineRun update =
        run("card", lora, "--out", readme.toString(), "--update", "--license", "mit");
    assertThat(update.out()).contains("README.md: card updated");
    assertThat(Files.readString(readme)).contains("license: mit\n", "# Pixel art\n", "`mit`, MIT.");

    assertThat(run("card", lora, "--out", readme.toString(), "--overwrite").code()).isZero();
    assertThat(Files.readString(readme)).isEqualTo(first);
  }

  @Test
  void refusesWhatItCannotDo() throws IOException {
    String lora = write(lora(TO_Q), "pixel").toString();
    assertThat(run("card", lora, "--update").code()).isEqualTo(2);
    assertThat(run("card", lora, "--license", "mti").err()).contains("did you mean mit");
    assertThat(run("card", lora, "--repo", "x").code()).isEqualTo(2);
    assertThat(run("card", lora, "--out", lora, "--overwrite").code()).isEqualTo(2);
    assertThat(run("card", home.resolve("none.safetensors").toString()).code()).isEqualTo(4);
    Path page = Files.writeString(home.resolve("page.safetensors"), "<!DOCTYPE html><html>");
    assertThat(run("card", page.toString()).code()).isEqualTo(4);
    Path vae = write(new TensorFile().random(vae(), 0.1, gen), "vae");
    CommandLineRun notOne = run("card", vae.toString());
    assertThat(notOne.code()).as(notOne.err()).isEqualTo(3);
    assertThat(notOne.err()).contains("cards are written for checkpoints and LoRAs");
    Path readme = Files.writeString(home.resolve("README.md"), "---\na: [\n---\n");
    CommandLineRun broken = run("card", lora, "--out", readme.toString(), "--update");
    assertThat(broken.code()).isEqualTo(4);
    assertThat(Files.readString(readme)).isEqualTo("---\na: [\n---\n");
  }

  private static List<TensorInfo> vae() {
    return Sample.cutting(Known.SD1, DType.F16, "first_stage_model.").stream()
        .map(tensor ->
            new TensorInfo(
                tensor.key().replace("first_stage_model.", ""), tensor.dtype(), tensor.shape()))
        .filter(tensor -> tensor.byteSize() < 1 << 20)
        .toList();
  }

  private String card(Path file, String... options) {
    CommandLineRun run =
        run(
            Stream.concat(Stream.of("card", file.toString()), Stream.of(options))
                .toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    return run.out();
  }

  private static FileHashes hashes(Path file) {
    try (InputFile input = InputFile.open(file)) {
      return FileHashes.of(input, Progress.NONE);
    }
  }

  private static Map<?, ?> frontMatter(String card) {
    String yaml = card.substring(4, card.indexOf("\n---\n") + 1);
    Object read = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return (Map<?, ?>) Objects.requireNonNull(read);
  }
}
