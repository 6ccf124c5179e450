package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.Repo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PEFT adapters on Hugging Face: their scale stands in a file beside the weights. */
class PeftLinksTest extends LinkFixture {
  private static final String MODULE =
      "base_model.model.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
  private static final String WEIGHT =
      Sample.UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
  private static final String CONFIG = "{\"peft_type\": \"LORA\", \"r\": 8, \"lora_alpha\": 32}";

  private Path base;
  private TensorFile adapter;
  private float[] expected;

  /** What the same adapter gives whose alpha is a tensor. */
  @BeforeEach
  void aBaseAndWhatAnAdapterOfScale4MakesOfIt() {
    base = write(new TensorFile().random(Sample.corner(DType.F16), 0.05, gen), "base");
    adapter =
        new TensorFile()
            .random(MODULE + ".lora_A.weight", DType.F16, Shape.of(8, 320), 0.1, gen)
            .random(MODULE + ".lora_B.weight", DType.F16, Shape.of(320, 8), 0.1, gen);
    write(adapter, "plain");
    expected = merged(write(adapter.put(MODULE + ".alpha", DType.F32, Shape.of(), 32), "stored"));
    adapter.remove(MODULE + ".alpha");
  }

  private float[] merged(Path lora) {
    return merged(lora.toString());
  }

  private float[] merged(String lora) {
    CommandLineRun merge = merge("--base", base.toString(), lora + "@1", "--overwrite");
    assertThat(merge.code()).as(merge.err()).isZero();
    return TensorFile.floats(out(), WEIGHT);
  }

  private String publishedAdapter(String name) {
    return publish("alice/style", CONFIG, name, write(adapter, "weights"));
  }

  private String publish(String id, String config, String name, Path weights) {
    Repo repo = web.huggingFace().repo(id, FakeHuggingFace.Visibility.PUBLIC);
    web.huggingFace()
        .file(repo, "adapter_config.json", Blob.of(config.getBytes(StandardCharsets.UTF_8)));
    web.huggingFace().file(repo, name, blob(weights));
    return "hf:" + id + "/" + name;
  }

  @Test
  void aLinkToTheWeightsBringsTheirConfiguration() {
    String link = publishedAdapter("adapter_model.safetensors");
    assertThat(merged(link)).isEqualTo(expected);
    assertThat(merged(link)).as("from the cache").isEqualTo(expected);
    set("HF_HUB_OFFLINE", "1");
    assertThat(merged(link)).as("without network").isEqualTo(expected);
  }

  @Test
  void aLinkToTheRepositoryBringsItToo() {
    publishedAdapter("adapter_model.safetensors");
    assertThat(merged("hf:alice/style")).isEqualTo(expected);
    set("HF_HUB_OFFLINE", "1");
    assertThat(merged("hf:alice/style")).as("without network").isEqualTo(expected);
  }

  @Test
  void checkShowsTheAlphaBeforeTheDownload() {
    String link = publishedAdapter("adapter_model.safetensors");
    CommandLineRun check = run("check", "--base", base.toString(), link);
    assertThat(check.code()).as(check.err()).isZero();
    assertThat(check.out())
        .containsPattern("adapter_model.safetensors +SD 1.x or SD 2.x +LoRA +8 +32");
  }

  @Test
  void getPutsItBesideTheWeightsUnderTheirName() {
    String link = publishedAdapter("adapter_model.safetensors");
    Path folder = home.resolve("loras");
    CommandLineRun get = run("get", link, "--to", folder.toString());
    assertThat(get.code()).as(get.err()).isZero();
    Path weights = folder.resolve("style-adapter_model.safetensors");
    assertThat(folder.resolve("style-adapter_model.adapter_config.json")).hasContent(CONFIG);
    assertThat(merged(weights)).isEqualTo(expected);
  }

  @Test
  void getOfTwoAdaptersKeepsTheirConfigurationsApart() throws IOException {
    String one = publishedAdapter("adapter_model.safetensors");
    Path other = write(adapter.metadata("format", "pt"), "other");
    String two =
        publish("bob/style", CONFIG.replace("32", "8"), "adapter_model.safetensors", other);
    Path folder = home.resolve("loras");
    assertThat(run("get", one, two, "--to", folder.toString()).code()).isZero();
    assertThat(merged(folder.resolve("style-adapter_model.safetensors"))).isEqualTo(expected);
    try (var files = Files.list(folder)) {
      Path second =
          files
              .filter(file -> file.toString().endsWith(".safetensors"))
              .filter(file -> !file.endsWith("style-adapter_model.safetensors"))
              .findFirst()
              .orElseThrow();
      assertThat(merged(second)).isEqualTo(merged(home.resolve("plain.safetensors")));
    }
  }

  @Test
  void weightsOfAnotherNameBesideAConfigurationAreDoubtful() {
    String link = publishedAdapter("converted.safetensors");
    CommandLineRun merge = merge("--base", base.toString(), link + "@1", "--overwrite");
    assertThat(merge.code()).isEqualTo(3);
    assertThat(merge.err()).contains("adapter_config.json", "converted.safetensors");
  }

  @Test
  void weightsWithoutConfigurationGoOnWithANote() {
    String link = publish("carol/plain", home.resolve("plain.safetensors"));
    CommandLineRun merge = merge("--base", base.toString(), link + "@1", "--overwrite");
    assertThat(merge.code()).as(merge.err()).isZero();
    assertThat(merge.err()).contains("no alpha in 1 module: taken as rank");
    assertThat(Arrays.equals(TensorFile.floats(out(), WEIGHT), expected)).isFalse();
  }

  @Test
  void trainingThatChangedTheBaseIsKnownBeforeTheDownload() {
    String config = "{\"r\": 8, \"init_lora_weights\": \"pissa\"}";
    String link =
        publish("dan/pissa", config, "adapter_model.safetensors", write(adapter, "weights"));
    CommandLineRun merge = merge("--base", base.toString(), link + "@1", "--overwrite");
    assertThat(merge.code()).isEqualTo(3);
    assertThat(merge.err()).contains("PiSSA").doesNotContain(": downloaded");
  }
}
