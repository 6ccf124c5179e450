package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.Architecture;
import athanor.model.ReferenceCheckpoint;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.Known;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeCivitai;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.Structure;
import athanor.torchfile.SoundTorchFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links given to {@code resize}, {@code extract} and {@code convert}. */
class ToolLinksTest extends LinkFixture {
  private static final int HEADER = 512 << 10;

  private CommandLineRun tool(Path result, String... arguments) {
    return run(
        Stream.concat(Stream.of(arguments), Stream.of("--out", result.toString()))
            .toArray(String[]::new));
  }

  private Path local() {
    return home.resolve("local.safetensors");
  }

  private void assertSame(CommandLineRun linked, CommandLineRun local) {
    assertThat(linked.code()).as(linked.err()).isZero();
    assertThat(local.code()).as(local.err()).isZero();
    assertThat(TensorFile.allBytes(out()))
        .containsExactlyInAnyOrderEntriesOf(TensorFile.allBytes(local()));
  }

  private void assertRefusedFromTheHeaders(CommandLineRun run, int code, String... words) {
    assertThat(run.code()).as(run.err()).isEqualTo(code);
    assertThat(run.err()).contains(words);
    assertThat(largestRequest()).isLessThanOrEqualTo(HEADER);
    assertThat(out()).doesNotExist();
    assertThat(home.resolve("cache/files")).doesNotExist();
  }

  private String publishStructure(String name, Architecture architecture) {
    Structure file = Structure.of(ReferenceCheckpoint.of(architecture, DType.F16).orElseThrow());
    return publish("alice/" + name, name + ".safetensors", file);
  }

  @Test
  void resizesALinkedLora() {
    Path pixel = write(lora(TO_Q), "pixel");
    String link = publish("alice/pixel", pixel);
    CommandLineRun run = tool(out(), "resize", link, "--rank", "4");
    assertSame(run, tool(local(), "resize", pixel.toString(), "--rank", "4"));
    assertThat(run.err()).contains("to download: ", "pixel.safetensors: downloaded", "verified");
    assertThat(run.out()).contains("16").doesNotContain("to download");
  }

  @Test
  void resizesInKohyasSpellingWithAKey() {
    Path pixel = write(lora(TO_Q), "pixel");
    web.civitai().version(12, 345, FakeCivitai.Rule.KEY, civitaiFile(7, pixel));
    CommandLineRun refused =
        run("resize", "--model", "civitai:12@345", "--new_rank", "4", "--save_to", "" + out());
    assertRefusedFromTheHeaders(refused, 5, "athanor auth login civitai");
    set("CIVITAI_TOKEN", FakeCivitai.TOKEN);
    CommandLineRun run =
        run("resize", "--model", "civitai:12@345", "--new_rank", "4", "--save_to", "" + out());
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void refusesToResizeACheckpointBeforeItIsDownloaded() {
    String link = publishStructure("base", Known.SD1);
    CommandLineRun run = tool(out(), "resize", link, "--rank", "4");
    assertRefusedFromTheHeaders(run, 3, "a checkpoint (SD 1.x)", "help: ");
  }

  @Test
  void refusesABrokenLoraBeforeItIsDownloaded() {
    TensorFile half =
        lora(TO_Q)
            .random(TO_K + ".lora_up.weight", DType.F16, Shape.of(3_000_000, 2), 0.1, Gen.fixed(1));
    String link = publish("alice/half", write(half, "half"));
    CommandLineRun run = tool(out(), "resize", link, "--rank", "4");
    assertRefusedFromTheHeaders(run, 4, "up without down", TO_K);
  }

  @Test
  void extractsFromTwoLinks() {
    Path base = write(base(), "base");
    Path tuned = write(new TensorFile().random(Sample.sd1(DType.F16), 0.05, Gen.fixed(9)), "tuned");
    String baseLink = publish("alice/base", base);
    String tunedLink = publish("alice/tuned", tuned);
    CommandLineRun run =
        tool(out(), "extract", "--base", baseLink, "--tuned", tunedLink, "--rank", "2");
    assertSame(
        run, tool(local(), "extract", "--base", "" + base, "--tuned", "" + tuned, "--rank", "2"));
    assertThat(run.err()).contains("base.safetensors: downloaded", "tuned.safetensors: downloaded");
  }

  @Test
  void refusesCheckpointsOfDifferentKindsBeforeTheyAreDownloaded() {
    String base = publishStructure("base", Known.SD1);
    String tuned = publishStructure("tuned", Known.SDXL);
    CommandLineRun run = tool(out(), "extract", "--base", base, "--tuned", tuned, "--rank", "8");
    assertRefusedFromTheHeaders(run, 3, "different architectures", "SDXL", "SD 1.x");
    assertThat(web.storage().log()).hasSizeLessThanOrEqualTo(5);
  }

  @Test
  void refusesALoraAsTunedCheckpointBesideALocalBase() {
    String lora = publish("alice/pixel", write(lora(TO_Q), "pixel"));
    String base = write(base(), "base").toString();
    CommandLineRun run = tool(out(), "extract", "--base", base, "--tuned", lora, "--rank", "8");
    assertRefusedFromTheHeaders(run, 3, "the tuned checkpoint is a LoRA");
  }

  @Test
  void convertsALinkedFile() {
    Path base = write(base(), "base");
    String link = publish("alice/base", base);
    CommandLineRun run = tool(out(), "convert", link, "--save_precision", "bf16");
    assertSame(run, tool(local(), "convert", base.toString(), "--save_precision", "bf16"));
    assertThat(run.err()).contains("base.safetensors: downloaded");
  }

  @Test
  void refusesAFormatOfLorasForALinkedCheckpoint() {
    String link = publishStructure("base", Known.SD1);
    CommandLineRun run = tool(out(), "convert", link, "--format", "peft");
    assertRefusedFromTheHeaders(run, 2, "--format is about LoRAs");
  }

  @Test
  void saysBeforeTheDownloadThatTheDiskIsTooSmall() {
    var huge = new TensorInfo("w", DType.F32, Shape.of(1L << 45));
    String link = publish("alice/huge", "huge.safetensors", Structure.of(List.of(huge)));
    CommandLineRun run = tool(out(), "convert", link);
    assertRefusedFromTheHeaders(run, 6, "not enough free disk space for the downloads");
  }

  @Test
  void asksNoServerWhenTheCommandLineIsWrong() {
    String link = "hf:alice/base/base.safetensors";
    assertThat(run("convert", link, "--out", "x.txt").code()).isEqualTo(2);
    assertThat(run("resize", link, "--rank", "0", "--out", "" + out()).code()).isEqualTo(2);
    assertThat(run("extract", "--base", link, "--rank", "4", "--out", "" + out()).code())
        .isEqualTo(2);
    assertThat(requests()).isZero();
  }

  @Test
  void judgesPytorchsOldFormatWhenItIsHere() {
    String link = publish("alice/old", "old.ckpt", Blob.of(SoundTorchFiles.inOldFormat()));

    CommandLineRun run = tool(out(), "convert", link);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("old.ckpt: can be judged only when it is here", "before version 1.6");
    assertThat(TensorFile.allBytes(out())).containsOnlyKeys("a", "b");
  }

  @Test
  void saysWhatTheListingDeclaresOfPytorchsOldFormat() {
    String link = publish("alice/old", "old.ckpt", Blob.of(SoundTorchFiles.inOldFormat()));
    CommandLineRun inspect = run("inspect", link);
    assertThat(inspect.code()).as(inspect.err()).isZero();
    assertThat(inspect.out()).contains("before version 1.6", "athanor get " + link, "bytes: ");

    CommandLineRun check = run("check", "--base", link, "" + write(lora(TO_Q), "pixel"));
    assertThat(check.code()).as(check.err()).isZero();
    assertThat(check.out()).contains("old.ckpt", "not known");
    assertThat(check.err()).contains("cannot be judged before it is downloaded");
  }

  @Test
  void resizesNothingThatTurnsOutToBeACheckpointOfTheOldFormat() {
    String link = publish("alice/old", "old.ckpt", Blob.of(SoundTorchFiles.inOldFormat()));
    CommandLineRun run = tool(out(), "resize", link, "--rank", "2");
    assertThat(run.code()).as(run.err()).isEqualTo(3);
    assertThat(out()).doesNotExist();
  }

  @Test
  void saysThatAGatedFileNeedsItsTermsAccepted() {
    Path base = write(base(), "base");
    String link = publish("alice/base", FakeHuggingFace.Visibility.GATED, base);
    CommandLineRun run = tool(out(), "convert", link);
    assertRefusedFromTheHeaders(run, 5, "help: ", "alice/base");
  }
}
