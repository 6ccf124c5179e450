package athanor.cli;

import static athanor.testkit.Sample.UNET;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.adapter.format.AdapterFormat;
import athanor.adapter.format.AdapterFormats;
import athanor.adapter.format.RecognisedFormat;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as users meet it: what it says, what it returns, what it leaves behind. */
class MainTest {
  private static final String TO_Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(11);
  private String base = "";
  private String pixel = "";
  private String ink = "";

  @BeforeEach
  void writeInputs() {
    base = path(new TensorFile().random(Sample.sd1(DType.F16), 0.05, gen), "base");
    pixel = path(pair(TO_Q, 320, 4, 320), "pixel");
    ink = path(pair(TO_Q, 320, 8, 320), "ink");
  }

  private String path(TensorFile file, String name) {
    return file.write(folder.resolve(name + ".safetensors")).toString();
  }

  private TensorFile pair(String module, int out, int rank, int in) {
    return Sample.pair(new TensorFile(), module, out, rank, in, DType.F16, gen);
  }

  private String out() {
    return folder.resolve("out.safetensors").toString();
  }

  private static CommandLineRun run(String... args) {
    return CommandLineRun.of((out, err) -> new Main(out, err).run(args));
  }

  private CommandLineRun merge(String... args) {
    return run(
        Stream.of(
                Stream.of("merge", "--base", base), Arrays.stream(args), Stream.of("--out", out()))
            .flatMap(part -> part)
            .toArray(String[]::new));
  }

  /** Nothing but the inputs may be there after a failure. */
  private void assertNothingWritten() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.startsWith("out") || name.endsWith(".partial"));
    }
  }

  private void assertRefused(CommandLineRun run, int code, String... parts) throws IOException {
    assertThat(run.err()).contains(parts).doesNotContain("\tat ");
    assertThat(run.code()).isEqualTo(code);
    assertNothingWritten();
  }

  @Test
  void mergesInItsOwnSpelling() {
    CommandLineRun run = merge(pixel + "@0.6", ink + "@-0.4");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains(
            "SD 1.x", "pixel.safetensors@0.6: applied 1 of 1 modules", "ink.safetensors@-0.4");
    assertThat(Path.of(out())).exists();
  }

  @Test
  void mergesInTheSpellingOfKohyaToTheSameBytes() {
    merge(pixel + "@0.6", ink + "@-0.4");
    String other = folder.resolve("kohya.safetensors").toString();
    CommandLineRun run =
        run(
            "merge",
            "--sd_model",
            base,
            "--save_to",
            other,
            "--precision",
            "float",
            "--save_precision",
            "None",
            "--models",
            pixel,
            ink,
            "--ratios",
            "0.6",
            "-0.4");
    assertThat(run.code()).as(run.err()).isZero();
    var ours = TensorFile.allBytes(Path.of(out()));
    TensorFile.allBytes(Path.of(other))
        .forEach((key, bytes) -> assertThat(ours.get(key)).as(key).isEqualTo(bytes));
  }

  @Test
  void saysBothCountsForFiveLorasAndFourRatios() throws IOException {
    CommandLineRun run =
        run(
            "merge",
            "--sd_model",
            base,
            "--save_to",
            out(),
            "--models",
            pixel,
            ink,
            pixel,
            ink,
            pixel,
            "--ratios",
            "0.1",
            "0.2",
            "0.3",
            "0.4");
    assertRefused(run, 2, "5 models and 4 ratios", "help: add 1 to --ratios");
  }

  @Test
  void explainsAnArgumentOfBlanks() throws IOException {
    assertRefused(
        merge(pixel, " "), 2, "consists of nothing but blanks", "its very last character");
  }

  @Test
  void comparesV2WithTheFileAndGoesOn() {
    CommandLineRun run = merge("--v2", pixel);
    assertThat(run.code()).isZero();
    assertThat(run.err()).contains("warning: you said SD 2.x (--v2), but this base is SD 1.x");
  }

  @Test
  void refusesALoraAsBase() throws IOException {
    assertRefused(
        run("merge", "--base", pixel, ink, "--out", out()),
        3,
        "pixel.safetensors: the base is a LoRA, not a checkpoint",
        "help:");
  }

  @Test
  void refusesACheckpointAsLora() throws IOException {
    assertRefused(
        merge(pixel, base),
        3,
        "base.safetensors: this file was given as a LoRA, but it is none",
        "a checkpoint (SD 1.x)");
  }

  @Test
  void refusesALoraOfAnotherArchitectureByName() throws IOException {
    String sdxl =
        path(
            pair("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", 640, 4, 2048),
            "sdxl");
    assertRefused(
        merge(pixel, sdxl),
        3,
        "sdxl.safetensors: this LoRA was made for SDXL",
        "attn2.to_k has 2048 inputs",
        "--skip-incompatible");
  }

  @Test
  void leavesOutWhatDoesNotFitWhenToldSo() {
    String sdxl =
        path(
            pair("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", 640, 4, 2048),
            "sdxl");
    CommandLineRun run = merge("--skip-incompatible", pixel, sdxl);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("left out: sdxl.safetensors");
    assertThat(run.out()).contains("pixel.safetensors@1").doesNotContain("sdxl.safetensors@1");
  }

  @Test
  void refusesOutputsThatAreInTheWay() throws IOException {
    Files.writeString(folder.resolve("there.safetensors"), "precious");
    CommandLineRun there =
        run(
            "merge",
            "--base",
            base,
            pixel,
            "--out",
            folder.resolve("there.safetensors").toString());
    assertRefused(there, 2, "the output already exists", "--overwrite");
    assertThat(folder.resolve("there.safetensors")).hasContent("precious");
  }

  @Test
  void neverOverwritesAnInputAlsoNotThroughALink() throws IOException {
    byte[] before = Files.readAllBytes(Path.of(base));
    Path link = Files.createSymbolicLink(folder.resolve("link.safetensors"), Path.of(base));
    Path hard = Files.createLink(folder.resolve("hard.safetensors"), Path.of(base));
    for (Path output : List.of(Path.of(base), link, hard)) {
      CommandLineRun run =
          run("merge", "--base", base, pixel, "--overwrite", "--out", output.toString());
      assertRefused(run, 2, "the output is one of the inputs");
    }
    assertThat(Files.readAllBytes(Path.of(base))).isEqualTo(before);
  }

  @Test
  void refusesAnOutputWithoutExtension() throws IOException {
    assertRefused(
        run("merge", "--base", base, pixel, "--out", folder.resolve("mine").toString()),
        2,
        "the output name has no extension",
        "mine.safetensors");
  }

  @Test
  void namesMissingFilesFoldersAndFilesThatAreNoModel() throws IOException {
    assertRefused(merge(folder.resolve("nope.safetensors").toString()), 4, "no such file");
    assertRefused(merge(folder.toString()), 4, "folder");
    Path page = Files.writeString(folder.resolve("page.safetensors"), "<!doctype html><title>x");
    assertRefused(merge(page.toString()), 4, "page.safetensors", "web page");
  }

  @Test
  void publishesNothingWhenTheMergeOverflowsAndNamesTheTensor() throws IOException {
    assertRefused(
        merge(pixel + "@1e9"),
        7,
        UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight",
        "overflows",
        "--save_precision");
    assertThat(merge("--allow-non-finite", pixel + "@1e9").code()).isZero();
  }

  @Test
  void refusesMalformedPairsWithFileAndModule() throws IOException {
    String half =
        path(
            new TensorFile()
                .random(TO_Q + ".lora_up.weight", DType.F16, Shape.of(320, 4), 0.1, gen),
            "half");
    assertRefused(merge(half), 4, "half.safetensors, " + TO_Q, "up without down");
    String ranks =
        path(
            new TensorFile()
                .random(TO_Q + ".lora_up.weight", DType.F16, Shape.of(320, 4), 0.1, gen)
                .random(TO_Q + ".lora_down.weight", DType.F16, Shape.of(8, 320), 0.1, gen),
            "ranks");
    assertRefused(merge(ranks), 4, "ranks.safetensors, " + TO_Q, "the ranks of up and down");
    String empty =
        path(
            new TensorFile()
                .put(TO_Q + ".lora_up.weight", DType.F16, Shape.of(320, 0))
                .put(TO_Q + ".lora_down.weight", DType.F16, Shape.of(0, 320)),
            "empty");
    assertRefused(merge(empty), 3, "empty.safetensors", "1 modules of rank 0");
    String nan =
        path(
            pair(TO_Q, 320, 1, 320)
                .put(TO_Q + ".lora_up.weight", DType.F16, Shape.of(320, 1), nans(320)),
            "nan");
    assertRefused(merge(nan), 4, "nan.safetensors, " + TO_Q + ".lora_up.weight", "NaN");
  }

  private static float[] nans(int count) {
    float[] values = new float[count];
    values[count - 1] = Float.NaN;
    return values;
  }

  @Test
  void refusesAModuleStoredTwiceWithOtherValues() throws IOException {
    TensorFile twice = pair(TO_Q, 320, 4, 320);
    Sample.pair(
        twice,
        "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q",
        320,
        4,
        320,
        DType.F16,
        gen);
    assertRefused(
        merge(path(twice, "twice")), 4, "twice.safetensors, lora_unet_", "the same weights");
  }

  @Test
  void refusesFormatsThatItCannotMergeByName() throws IOException {
    for (AdapterFormat format : AdapterFormats.ALL) {
      if (format instanceof RecognisedFormat) {
        String key = TO_Q + format.suffixes().getFirst().text();
        Shape shape = format.label().equals("BOFT") ? Shape.of(2, 2, 2, 2) : Shape.of(4, 4);
        String file = path(new TensorFile().random(key, DType.F16, shape, 0.1, gen), "odd");
        assertRefused(merge(file), 3, "odd.safetensors", format.label(), "not supported yet");
      }
    }
  }

  @Test
  void namesTheLayerAndBothShapesOfAMisfit() throws IOException {
    String wide = path(pair(TO_Q, 640, 4, 320), "wide");
    assertRefused(
        merge(pixel, wide),
        3,
        "wide.safetensors, " + TO_Q + ".lora_up.weight",
        "found shape [640, 4]",
        "320 outputs");
  }

  @Test
  void refusesALoraOfWhichNothingWouldBeApplied() throws IOException {
    String stranger = path(pair("lora_unet_no_such_module", 320, 4, 320), "stranger");
    assertRefused(merge(stranger), 3, "nothing of this LoRA would be applied", "0 of 1 modules");
  }

  @Test
  void printsTheTableAndTheOffenderAndReturnsThree() {
    String wide = path(pair(TO_Q, 640, 4, 320), "wide");
    CommandLineRun run = run("check", "--base", base, pixel, wide);
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.out())
        .containsPattern("pixel.safetensors +\\S.* +LoRA +4 +4 +1 +1 of 1 +fits")
        .containsPattern("wide.safetensors +\\S.* +0 of 1 +does not fit")
        .contains("found shape [640, 4]");
    assertThat(run("check", "--base", base, pixel, ink).code()).isZero();
  }

  @Test
  void aLoraThatCannotBeReadHasARowBesideTheOthers() throws IOException {
    Path noise = Files.writeString(folder.resolve("noise.safetensors"), "no model at all");
    CommandLineRun run = run("check", "--base", base, noise.toString(), "nope.safetensors", pixel);
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.out())
        .containsPattern("noise.safetensors .*does not fit")
        .containsPattern("nope.safetensors .*does not fit")
        .containsPattern("pixel.safetensors .* 1 of 1 +fits")
        .contains("this is a text file", "no such file");
  }

  @Test
  void forecastsWithoutWriting() throws IOException {
    CommandLineRun run = merge("--dry-run", pixel);
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains("would write", "1 of 63 tensors merged", "of memory");
    assertNothingWritten();
  }

  @Test
  void printsOneJsonObjectALineAndNothingElseOnStandardOutput() {
    CommandLineRun run = merge("--json", pixel);
    assertThat(run.out().lines()).hasSize(1).allMatch(line -> line.startsWith("{\"result\":"));
    CommandLineRun failed = run("check", "--json", "--base", "nope.safetensors", pixel);
    assertThat(failed.out()).isEmpty();
    assertThat(failed.err()).startsWith("{\"event\":\"error\"").contains("\"exit_code\":4");
  }

  @Test
  void suggestsTheOptionThatWasMeant() {
    CommandLineRun run = run("merge", "--bas", base, pixel, "--out", out());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("Unknown option: '--bas'", "did you mean --base");
  }

  @Test
  void inspectsAnyFileWithoutAStackTrace() throws IOException {
    Path noise = Files.write(folder.resolve("noise.bin"), gen.bytes(5000));
    CommandLineRun run = run("inspect", base, pixel, noise.toString());
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.out())
        .contains("SD 1.x checkpoint", "LoRA for SD 1.x", "rank: 4", "noise.bin")
        .doesNotContain("\tat ");
  }

  @Test
  void printsTheHashesOfAFile() {
    CommandLineRun run = run("inspect", "--hash", pixel);
    assertThat(run.out())
        .containsPattern("SHA-256: [0-9a-f]{64}")
        .containsPattern("AutoV2: \\w{10}");
  }

  @Test
  void showsWhatComesFromFilesWithoutObeyingIt() {
    String evil =
        path(pair(TO_Q, 320, 4, 320).metadata("ss_output_name", "\u001b[31mred\u202e"), "evil");
    CommandLineRun run = run("inspect", evil);
    assertThat(run.out()).doesNotContain("\u001b").doesNotContain("\u202e");
  }

  @Test
  void refusesAVaeAndPositionsWithoutABase() throws IOException {
    assertRefused(
        run("merge", pixel, ink, "--vae", base, "--out", out()), 2, "--vae", "--base FILE");
    assertRefused(
        run("merge", pixel, ink, "--fix-positions", "--out", out()), 2, "--fix-positions");
  }

  @Test
  void runsTheDemo() {
    CommandLineRun run = run("demo", "--dir", folder.resolve("demo").toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("athanor check", "athanor merge", "applied 36 of 36 modules");
  }

  @Test
  void readsALoraFromATorchFileAndWritesACkpt() {
    String ckpt = folder.resolve("out.ckpt").toString();
    assertThat(run("merge", "--base", base, pixel, "--out", ckpt).code()).isZero();
    CommandLineRun again = run("merge", "--base", ckpt, ink, "--out", out());
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(TensorFile.allBytes(Path.of(out())).keySet())
        .containsExactlyInAnyOrderElementsOf(
            Sample.sd1(DType.F16).stream().map(TensorInfo::key).toList());
  }

  @Test
  void saysThatAFolderCannotBeTheResult() throws IOException {
    Path there = Files.createDirectory(folder.resolve("results"));
    for (String place : List.of(there.toString(), there + "/", folder + "/missing/", ".")) {
      CommandLineRun run = run("merge", "--base", base, pixel, "--out", place);
      assertThat(run.code()).isEqualTo(2);
      assertThat(run.err()).contains("the output is a folder", "merged.safetensors");
    }
    CommandLineRun run = run("convert", pixel, "--out", "-");
    assertThat(run.err()).contains("cannot go to standard output");
  }

  @Test
  void hintsAtTheSpellingOfANameThatBeginsWithADash() throws IOException {
    assertRefused(
        run("check", "--base", base, "-d.safetensors@0.5"), 2, "write ./-d.safetensors@0.5");
    assertRefused(run("check", "--base", base, "-d"), 2, "athanor check --help");
  }

  @Test
  void saysThatALoraOfNoKnownFormatCannotBeMerged() throws IOException {
    var file = new TensorFile().random("unet.some_lora_thing", DType.F16, Shape.of(4, 4), 1, gen);
    CommandLineRun run = merge(path(file, "odd"));
    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).contains("this LoRA cannot be merged").doesNotContain("it is none");
  }
}
