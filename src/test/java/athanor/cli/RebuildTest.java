package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.SparseFile;
import athanor.testkit.TensorFile;
import athanor.testkit.VaeFile;
import athanor.testkit.web.FakeCivitai;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Merged files made again from the recipe in them. */
class RebuildTest extends LinkFixture {
  private static final String TO_K2 =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
  private static final String POSITIONS =
      "cond_stage_model.transformer.text_model.embeddings.position_ids";

  private Path sd1Lora(String name, int rank, long seed) {
    Gen random = Gen.fixed(seed);
    TensorFile file = Sample.pair(new TensorFile(), TO_Q, 320, rank, 320, DType.F32, random);
    return write(Sample.pair(file, TO_K2, 320, rank, 768, DType.F32, random), name);
  }

  private CommandLineRun rebuild(String... more) {
    return run(
        Stream.of(Stream.of("rebuild", out().toString()), Stream.of(more))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  private void assertNothingNew(List<Path> before) throws IOException {
    assertThat(files()).containsExactlyInAnyOrderElementsOf(before);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(home)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--save_precision float", "--save_precision bf16 --precision fp16"})
  void provesThatACheckpointIsWhatItsRecipeSays(String options) throws IOException {
    Path base = write(base(), "base");
    Path pixel = sd1Lora("pixel", 8, 3);
    Path ink = sd1Lora("ink", 4, 5);
    CommandLineRun merged =
        merge(
            Stream.concat(
                    Stream.of(
                        "--base",
                        base.toString(),
                        pixel + "@0.6,te=0.5,lbw=1:0.5:0:1:1:1:1:1:1:1:1:-1,only=attn1",
                        ink + "@-0.3,skip=attn2"),
                    Stream.of(options.split(" ")).filter(word -> !word.isEmpty()))
                .toArray(String[]::new));
    assertThat(merged.code()).as(merged.err()).isZero();
    List<Path> before = files();

    CommandLineRun run = rebuild("--threads", "1");

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("out.safetensors: rebuilt from its recipe, and every byte");
    assertNothingNew(before);
  }

  @Test
  void rebuildsVaeAndPositionIds() throws IOException {
    String decoder = "decoder.conv_in.bias";
    TensorFile broken =
        base()
            .put(POSITIONS, DType.F32, Shape.of(1, 77), new float[77])
            .put("first_stage_model." + decoder, DType.F32, Shape.of(512), gen.gaussians(512, 1));
    Path base = write(broken, "base");
    Path vae = home.resolve("kl.safetensors");
    SparseFile.write(vae, VaeFile.original(DType.F8_E4M3));
    Path ink = sd1Lora("ink", 4, 5);
    CommandLineRun merged =
        merge(
            "--base", base.toString(), ink.toString(), "--vae", vae.toString(), "--fix-positions");
    assertThat(merged.code()).as(merged.err()).isZero();
    assertThat(merged.out()).contains("VAE", "put right");
    CommandLineRun run = rebuild();
    assertThat(run.code()).as(run.err()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--rank 3",
        "--keep 0.9",
        "--method kohya",
        "--method kohya --concat",
        "--format peft",
        "--save_precision fp16"
      })
  void provesThatALoraIsWhatItsRecipeSays(String options) throws IOException {
    Path pixel = sd1Lora("pixel", 4, 3);
    Path ink = sd1Lora("ink", 4, 5);
    CommandLineRun merged =
        merge(
            Stream.concat(
                    Stream.of(pixel + "@0.6", ink + "@0.4"),
                    Stream.of(options.split(" ")).filter(word -> !word.isEmpty()))
                .toArray(String[]::new));
    assertThat(merged.code()).as(merged.err()).isZero();
    List<Path> before = files();
    CommandLineRun run = rebuild();
    assertThat(run.code()).as(run.err()).isZero();
    assertNothingNew(before);
  }

  @Test
  void writesTheRebuiltFileWhereItIsWanted() throws IOException {
    merge("--base", write(base(), "base").toString(), sd1Lora("ink", 4, 5).toString());
    Path again = home.resolve("again.safetensors");
    CommandLineRun run = rebuild("--out", again.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(TensorFile.allBytes(again))
        .containsExactlyInAnyOrderEntriesOf(TensorFile.allBytes(out()));
    assertThat(rebuild("--out", again.toString()).code()).isEqualTo(2);
    assertThat(rebuild("--out", out().toString(), "--overwrite").code()).isEqualTo(2);
  }

  @Test
  void findsOneChangedByteAndSaysWhere() throws IOException {
    merge("--base", write(base(), "base").toString(), sd1Lora("ink", 4, 5).toString());
    byte[] bytes = Files.readAllBytes(out());
    bytes[bytes.length - 1] ^= 1;
    Files.write(out(), bytes);
    List<Path> before = files();
    Path again = home.resolve("again.safetensors");

    CommandLineRun run = rebuild("--out", again.toString());

    assertThat(run.code()).isEqualTo(7);
    assertThat(run.err())
        .contains("does not lead to its tensors: 1 of ", "out.safetensors, tensor ")
        .contains("at byte ");
    assertNothingNew(before);
  }

  @Test
  void findsAnotherRatioAndSaysHowManyTensorsDiffer() throws IOException {
    merge("--base", write(base(), "base").toString(), sd1Lora("ink", 4, 5).toString());
    String text = Files.readString(out(), StandardCharsets.ISO_8859_1);
    Files.writeString(
        out(),
        text.replaceFirst("\\\\\"ratio\\\\\":1.0", "\\\\\"ratio\\\\\":1.5"),
        StandardCharsets.ISO_8859_1);
    CommandLineRun run = rebuild();
    assertThat(run.code()).as(run.out()).isEqualTo(7);
    assertThat(run.err()).contains("does not lead to its tensors: 2 of ");
  }

  @Test
  void fetchesWhatIsNotHereByLinkAndHash() throws IOException {
    Path basePath = write(base(), "base");
    Path inkPath = write(lora(TO_K), "ink");
    String base = publish("alice/base", basePath);
    web.civitai().version(12, 345, FakeCivitai.Rule.KEY, civitaiFile(7, inkPath));
    set("CIVITAI_TOKEN", FakeCivitai.TOKEN);
    assertThat(merge("--base", base, "civitai:12@345@0.4").code()).isZero();
    Files.delete(basePath);
    Files.delete(inkPath);
    set("ATHANOR_CACHE", home.resolve("another-cache").toString());

    CommandLineRun run = rebuild();

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("base.safetensors: downloaded", "ink.safetensors: downloaded");
  }

  @Test
  void namesEveryMissingInputWithItsHash() throws IOException {
    Path base = write(base(), "base");
    Path ink = sd1Lora("ink", 4, 5);
    merge("--base", base.toString(), ink.toString());
    long bytes = Files.size(ink);
    Files.delete(base);
    write(lora(TO_K), "ink");
    CommandLineRun run = rebuild();
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err())
        .contains("2 inputs of the recipe are missing", "base.safetensors (", "SHA-256 of the head")
        .contains("ink.safetensors (" + bytes + " bytes", "the file of this name is another one")
        .contains("--inputs FOLDER");
  }

  @Test
  void findsInputsInAnotherFolder() throws IOException {
    Path folder = Files.createDirectories(home.resolve("models"));
    Path base = write(base(), "base");
    merge("--base", base.toString(), sd1Lora("ink", 4, 5).toString());
    Files.move(base, folder.resolve("base.safetensors"));
    assertThat(rebuild().code()).isEqualTo(4);
    CommandLineRun run = rebuild("--inputs", folder.toString());
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void saysWhenAFileHoldsNoRecipe() {
    Path base = write(base(), "base");
    CommandLineRun run = run("rebuild", base.toString());
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err()).contains("does not say how it was made", "--no_metadata");
    merge("--base", base.toString(), sd1Lora("ink", 4, 5).toString(), "--no_metadata");
    assertThat(rebuild().code()).isEqualTo(4);
    assertThat(run("rebuild").code()).isEqualTo(2);
  }
}
