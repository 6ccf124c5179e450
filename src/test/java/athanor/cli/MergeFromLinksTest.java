package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.format.StateDicts;
import athanor.hub.Hub;
import athanor.hub.HubSettings;
import athanor.job.input.RemoteInputs;
import athanor.model.Recognition;
import athanor.model.ReferenceCheckpoint;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.InputOrigin;
import athanor.recipe.Provenance;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Known;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import athanor.testkit.web.FakeCivitai;
import athanor.testkit.web.FakeHuggingFace;
import athanor.testkit.web.Faults;
import athanor.testkit.web.Structure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whole merges of files that are given as links. */
class MergeFromLinksTest extends LinkFixture {
  private static final int READ_AHEAD = 256 << 10;

  /** So large that it cannot pass for a header. */
  private TensorFile largeBase() {
    int values = 3 << 20;
    TensorInfo filler = new TensorInfo("zz.filler", DType.F16, Shape.of(values));
    return base().put(filler, gen.bytes(2 * values));
  }

  @Test
  void mergesALinkedBaseAndTwoLinkedLoras() throws IOException {
    Path base = write(base(), "base");
    Path pixel = write(lora(TO_Q).put(TO_Q + ".alpha", DType.F32, Shape.of(), 8), "pixel");
    Path ink = write(lora(TO_K), "ink");
    String baseLink = publish("alice/base", base);
    String pixelLink = publish("alice/pixel", pixel);
    web.civitai().version(12, 345, FakeCivitai.Rule.KEY, civitaiFile(7, ink));
    set("CIVITAI_TOKEN", FakeCivitai.TOKEN);

    CommandLineRun linked = merge("--base", baseLink, pixelLink + "@0.6", "civitai:12@345@0.4");
    CommandLineRun local =
        run(
            "merge",
            "--base",
            base.toString(),
            pixel + "@0.6",
            ink + "@0.4",
            "--out",
            home.resolve("local.safetensors").toString());

    assertThat(linked.code()).as(linked.err()).isZero();
    assertThat(local.code()).isZero();
    assertThat(TensorFile.allBytes(out()))
        .containsExactlyInAnyOrderEntriesOf(TensorFile.allBytes(home.resolve("local.safetensors")));
    assertThat(linked.out()).contains("pixel.safetensors@0.6: applied 1 of 1 modules");
    assertThat(linked.err())
        .contains("pixel.safetensors: downloaded", "hash verified", "to download: ", "fits");
    assertThat(linked.err().indexOf("base.safetensors: downloaded"))
        .as("the base comes last")
        .isGreaterThan(linked.err().indexOf("ink.safetensors: downloaded"));
  }

  @Test
  void theRecipeInTheResultSaysWhereItsInputsCanBeHadAgain() throws IOException {
    Path basePath = write(base(), "base");
    Path ink = write(lora(TO_K).metadata("modelspec.trigger_phrase", "Pixel Art, inky"), "ink");
    String base = publish("alice/base", basePath);
    web.civitai().version(12, 345, FakeCivitai.Rule.KEY, civitaiFile(7, ink));
    set("CIVITAI_TOKEN", FakeCivitai.TOKEN);

    String link = web.civitai().address() + "/models/12?token=" + FakeCivitai.TOKEN;
    assertThat(merge("--base", base, link + "@0.4").code()).isZero();

    Provenance recipe = recipe(out());
    InputOrigin madeOf = recipe.base().orElseThrow().origin();
    assertThat(madeOf.sha256()).contains(blob(basePath).sha256());
    assertThat(madeOf.link()).contains("hf:alice/base/base.safetensors");
    assertThat(madeOf.pinnedLink().orElseThrow())
        .matches("hf:alice/base/base.safetensors@[0-9a-f]{40}");
    assertThat(madeOf.credit()).contains("alice");
    InputOrigin lora = recipe.loras().getFirst().origin();
    assertThat(lora.sha256()).contains(blob(ink).sha256());
    assertThat(lora.link()).contains("https://civitai.com/models/12");
    assertThat(lora.pinnedLink()).contains("https://civitai.com/api/download/models/345?fileId=7");
    assertThat(lora.triggerWords()).containsExactly("pixel art", "inky");
    assertThat(lora.credit()).contains("ann");
    assertThat(recipe.toJson()).doesNotContain(home.toString(), FakeCivitai.TOKEN);
  }

  private static Provenance recipe(Path file) {
    try (StateDict dict = StateDicts.open(file)) {
      return Provenance.parse(dict.metadata().get(Provenance.METADATA_KEY)).orElseThrow();
    }
  }

  @Test
  void goesOnWithWhatIsAlreadyThere() throws IOException {
    String base = publish("alice/base", write(base(), "base"));
    String pixel = publish("alice/pixel", write(lora(TO_Q), "pixel"));
    assertThat(merge("--base", base, pixel).code()).isZero();
    Files.delete(out());
    int storage = web.storage().log().size();

    CommandLineRun again = merge("--base", base, pixel);

    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.err())
        .contains("pixel.safetensors: in the cache", "base.safetensors: in the cache")
        .contains("hash verified", "already there", "to download: 0 bytes");
    assertThat(web.storage().log()).hasSize(storage);
  }

  @Test
  void goesOnAfterAnInterruptedDownload() {
    String base = publish("alice/base", write(largeBase(), "base"));
    String pixel = publish("alice/pixel", write(lora(TO_Q), "pixel"));
    var broken = new AtomicBoolean(true);
    web.storage()
        .fail(
            50,
            (exchange, blob, from, to, ranged) -> {
              boolean isBody = to - from > 2 << 20;
              if (!isBody || !broken.get()) {
                return false;
              }
              return from == 0
                  ? Faults.cutAfter(3 << 20).fail(exchange, blob, from, to, ranged)
                  : Faults.status(404).fail(exchange, blob, from, to, ranged);
            });

    CommandLineRun first = merge("--base", base, pixel);
    assertThat(first.code()).as(first.err()).isEqualTo(5);
    assertThat(first.err()).contains("pixel.safetensors: downloaded");
    assertThat(out()).doesNotExist();
    broken.set(false);
    int before = web.storage().log().size();
    CommandLineRun second = merge("--base", base, pixel);

    assertThat(second.code()).as(second.err()).isZero();
    assertThat(second.err()).contains("pixel.safetensors: in the cache", "base.safetensors: down");
    assertThat(web.storage().log().subList(before, web.storage().log().size()))
        .as("the part that had arrived is not asked for again")
        .noneMatch(seen -> !seen.head().contains("bytes=") || seen.head().contains("bytes=0-]"))
        .anyMatch(seen -> resumesWithin(seen.head(), 1 << 20, 3 << 20));
  }

  /** How much of the cut body was kept depends on how it arrived. */
  private static boolean resumesWithin(String head, long least, long most) {
    Matcher range = Pattern.compile("bytes=(\\d+)-").matcher(head);
    return range.find()
        && Long.parseLong(range.group(1)) >= least
        && Long.parseLong(range.group(1)) <= most;
  }

  @Test
  void stopsBeforeTheDownloadWhenALoraDoesNotFit() throws IOException {
    String base = publish("alice/base", write(largeBase(), "base"));
    String pixel = publish("alice/pixel", write(lora(TO_Q), "pixel"));
    String wrong = publish("alice/wrong", write(sdxlLora(), "wrong"));

    CommandLineRun run = merge("--base", base, pixel, wrong);

    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).contains("wrong.safetensors", "does not fit", "SDXL");
    assertThat(largestRequest()).isLessThanOrEqualTo(2 * READ_AHEAD);
    assertThat(web.storage().log()).hasSizeLessThanOrEqualTo(9);
    assertThat(out()).doesNotExist();
    assertThat(home.resolve("cache/files")).doesNotExist();
  }

  @Test
  void givesTheVerdictAndTheForecastWithoutDownloading() {
    String base = publish("alice/base", write(largeBase(), "base"));
    String pixel = publish("alice/pixel", write(lora(TO_Q), "pixel"));

    CommandLineRun dry = merge("--base", base, pixel + "@0.5", "--dry-run");

    assertThat(dry.code()).as(dry.err()).isZero();
    assertThat(dry.out())
        .contains("SD 1.x", "1 of 1", "fits", "would write", "to download: ", "of memory")
        .contains(base, pixel);
    assertThat(largestRequest()).isLessThanOrEqualTo(2 * READ_AHEAD);
    assertThat(out()).doesNotExist();
  }

  @Test
  void asksForNoAlphaSingly() {
    var many = new TensorFile().metadata("ss_network_alpha", "8");
    for (String module : List.of("to_q", "to_k", "to_v", "to_out_0")) {
      for (String attention : List.of("attn1", "attn2")) {
        int in = attention.equals("attn2") && !module.matches("to_q|to_out_0") ? 768 : 320;
        String name =
            "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_" + attention + "_" + module;
        Sample.pair(many, name, 320, 128, in, DType.F32, gen)
            .put(name + ".alpha", DType.F32, Shape.of(), 8);
      }
    }
    String base = publish("alice/base", write(base(), "base"));
    String pixel = publish("alice/pixel", write(many, "pixel"));
    CommandLineRun check = run("check", "--base", base, pixel);
    assertThat(check.code()).as(check.err()).isZero();
    assertThat(check.out()).contains("8 of 8", "128", "fits");
    assertThat(web.storage().log()).hasSizeLessThanOrEqualTo(6);
  }

  /** A complete SDXL checkpoint of 6.9 GB and four LoRAs of all its attentions. */
  @Test
  void judgesFiveLinkedFilesFromFewRequestsAndTheirHeadersAlone() {
    List<TensorInfo> sdxl = ReferenceCheckpoint.of(Known.SDXL, DType.F16).orElseThrow();
    List<String> command = new ArrayList<>(List.of("check", "--base"));
    command.add(publish("alice/base", "base.safetensors", Structure.of(sdxl)));
    for (int i = 1; i <= 4; i++) {
      Structure lora = Structure.of(attentionLora(sdxl, 8 << i));
      command.add(publish("alice/style" + i, "style" + i + ".safetensors", lora));
    }

    CommandLineRun check = run(command.toArray(String[]::new));

    assertThat(check.code()).as(check.err() + check.out()).isZero();
    assertThat(check.out()).contains("SDXL", "style4.safetensors", "6.9");
    assertThat(requests()).isLessThanOrEqualTo(25);
    assertThat(largestRequest()).isLessThanOrEqualTo(1 << 20);
  }

  private static List<TensorInfo> attentionLora(List<TensorInfo> base, int rank) {
    var model = ((Recognition.Checkpoint) Recognition.of(base)).model();
    List<TensorInfo> tensors = new ArrayList<>();
    for (Target target : TargetIndex.of(model).targets()) {
      if (target.kohyaName().contains("_attn") && target.shape().rank() == 2) {
        String name = target.kohyaName();
        Shape up = Shape.of(target.shape().dim(0), rank);
        Shape down = Shape.of(rank, target.shape().dim(1));
        tensors.add(new TensorInfo(name + ".alpha", DType.F16, Shape.of()));
        tensors.add(new TensorInfo(name + ".lora_down.weight", DType.F16, down));
        tensors.add(new TensorInfo(name + ".lora_up.weight", DType.F16, up));
      }
    }
    return tensors;
  }

  @Test
  void saysWhereToGetATokenAndDownloadsNothing() {
    String base = publish("alice/base", write(base(), "base"));
    web.civitai()
        .version(12, 345, FakeCivitai.Rule.KEY, civitaiFile(7, write(lora(TO_Q), "pixel")));

    CommandLineRun run = merge("--base", base, "civitai:12");

    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err()).contains("athanor auth login civitai");
    assertThat(largestRequest()).isLessThanOrEqualTo(2 * READ_AHEAD);
    assertThat(out()).doesNotExist();
  }

  @Test
  void judgesByTheListingWithoutAToken() {
    String base = publish("alice/base", write(base(), "base"));
    web.civitai()
        .version(12, 345, FakeCivitai.Rule.KEY, civitaiFile(7, write(sdxlLora(), "pixel")));

    CommandLineRun check = run("check", "--base", base, "civitai:12");

    assertThat(check.code()).as(check.err()).isEqualTo(3);
    assertThat(check.out()).contains("SD 1.x", "SDXL", "does not fit (as declared)");
    assertThat(check.err()).contains("athanor auth login civitai");
  }

  @Test
  void forecastsByTheListingWithoutAToken() {
    String base = publish("alice/base", write(base(), "base"));
    web.civitai()
        .version(12, 345, FakeCivitai.Rule.KEY, civitaiFile(7, write(sdxlLora(), "pixel")));
    CommandLineRun dry = merge("--dry-run", "--base", base, "civitai:12");
    assertThat(dry.code()).as(dry.err()).isEqualTo(3);
    assertThat(dry.out()).contains("does not fit (as declared)", "to download: ");
  }

  @Test
  void asksNoServerWhenTheOutputIsWrong() throws IOException {
    Files.writeString(out(), "mine");
    CommandLineRun run = merge("--base", "hf:alice/base", "hf:alice/pixel");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--overwrite");
    assertThat(requests()).isZero();
  }

  @Test
  void bringsAnyLinkedFileHere() {
    Path file = write(lora(TO_Q), "pixel");
    String link = publish("alice/pixel", file);
    HubSettings settings = HubSettings.from(web.environment(home), home, notice -> {});
    try (var inputs = new RemoteInputs(() -> Hub.open(settings), new Cancellation())) {
      assertThat(inputs.bring(link, Progress.NONE)).hasSameBinaryContentAs(file);
      assertThat(inputs.bring("x.safetensors", Progress.NONE)).isEqualTo(Path.of("x.safetensors"));
    }
  }

  @Test
  void saysThatAGatedRepositoryNeedsItsTermsAccepted() {
    String base = publish("alice/base", FakeHuggingFace.Visibility.GATED, write(base(), "base"));
    String pixel = publish("alice/pixel", write(lora(TO_Q), "pixel"));

    CommandLineRun run = merge("--base", base, pixel);
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err()).contains("help: ", "alice/base");
    assertThat(home.resolve("cache/files")).doesNotExist();

    set("HF_TOKEN", FakeHuggingFace.TOKEN);
    CommandLineRun second = merge("--base", base, pixel);
    assertThat(second.code()).as(second.err()).isZero();
  }

  @Test
  void worksWithoutNetworkFromTheCache() throws IOException {
    String base = publish("alice/base", write(base(), "base"));
    String pixel = publish("alice/pixel", write(lora(TO_Q), "pixel"));
    set("HF_HUB_OFFLINE", "1");
    CommandLineRun empty = merge("--base", base, pixel);
    assertThat(empty.code()).isEqualTo(5);
    assertThat(empty.err()).contains("HF_HUB_OFFLINE", "help: ");
    assertThat(requests()).isZero();

    set("HF_HUB_OFFLINE", "0");
    assertThat(merge("--base", base, pixel).code()).isZero();
    Files.delete(out());
    set("HF_HUB_OFFLINE", "1");
    int before = requests();
    CommandLineRun cached = merge("--base", base, pixel);
    assertThat(cached.code()).as(cached.err()).isZero();
    assertThat(requests()).isEqualTo(before);
  }

  @Test
  void takesWhatTheHuggingFaceCacheHas() throws IOException {
    Path file = write(base(), "base");
    String base = publish("alice/base", file);
    String pixel = publish("alice/pixel", write(lora(TO_Q), "pixel"));
    Path blobs = Files.createDirectories(home.resolve("hf/hub/models--alice--base/blobs"));
    Files.copy(file, blobs.resolve(blob(file).sha256()));

    CommandLineRun run = merge("--base", base, pixel);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("in the Hugging Face cache");
    assertThat(web.storage().log()).noneMatch(seen -> seen.target().contains(blob(file).sha256()));
  }

  @Test
  void usesRepeatedLinksOnceAndSaysSo() {
    String base = publish("alice/base", write(base(), "base"));
    String pixel = publish("alice/pixel", write(lora(TO_Q), "pixel"));
    CommandLineRun run = run("check", "--base", base, pixel + "@0.2", pixel + "@main@0.3");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("given more than once");
  }

  @Test
  void takesLinksInKohyasSpelling() {
    String base = publish("alice/base", write(base(), "base"));
    String pixel = publish("alice/pixel", write(lora(TO_Q), "pixel"));
    CommandLineRun run =
        run(
            "merge",
            "--sd_model",
            base,
            "--models",
            pixel,
            "--ratios",
            "0.5",
            "--save_to",
            out().toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("pixel.safetensors@0.5: applied 1 of 1");
  }
}
