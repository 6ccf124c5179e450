package athanor.web;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.file.Sha256;
import athanor.job.DemoFiles;
import athanor.job.session.JobSettings;
import athanor.kernel.Kernels;
import athanor.net.Json;
import athanor.tensor.DType;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A merge by way of the page's server, with the real jobs on small files. */
class MergeOnThePageTest {
  @TempDir Path home;
  private Page page;
  private PageClient client;
  private Path base;
  private Path pixel;
  private Path ink;

  @BeforeEach
  void open() {
    var files = new DemoFiles(Kernels.create(), home);
    base = files.writeBase();
    pixel = files.writeKohyaLora();
    ink = files.writeDiffusersLora();
    page = Page.open(new JobSettings(Map.of(), home, 2), home, 0, text -> {});
    client = new PageClient(page.address());
  }

  @AfterEach
  void close() {
    page.close();
  }

  private void paste(String text) {
    client.done("paste", Map.of("text", Json.of(text)));
  }

  private Json judged() {
    return client.await(
        state -> state.get("check").get("running") instanceof Json.Truth(boolean on) && !on);
  }

  private static String text(Json json, String field) {
    return json.get(field).text().orElse("");
  }

  private static Json item(Json state, Path file) {
    return state.get("items").items().stream()
        .filter(item -> text(item, "name").equals(file.getFileName().toString()))
        .findFirst()
        .orElseThrow();
  }

  private Json baked(Json state) {
    return state.get("jobs").items().getFirst();
  }

  private Json awaitEnd() {
    return baked(
        client.await(state -> {
          List<Json> jobs = state.get("jobs").items();
          return !jobs.isEmpty()
              && !List.of("waiting", "running").contains(text(jobs.getFirst(), "state"));
        }));
  }

  private Map<String, Json> about(Json item) {
    return Map.of("item", item.get("id"));
  }

  @Test
  void filesAreToldApartByWhatTheyAre() {
    paste(ink + "@0.4\n" + base + "\n\"" + pixel + "\"");
    Json state = judged();
    assertThat(text(item(state, base), "kind")).isEqualTo("checkpoint");
    assertThat(item(state, base).get("base").isTrue()).isTrue();
    assertThat(text(item(state, ink), "kind")).isEqualTo("lora");
    assertThat(item(state, ink).get("ratio").number()).contains(0.4);
    assertThat(state.get("check").get("loras").items())
        .allSatisfy(row -> assertThat(row.get("fits").isTrue()).isTrue())
        .hasSize(2);
    assertThat(state.get("check").get("forecast").get("bytes").size()).isPresent();
  }

  @Test
  void aPromptCallsLorasBesideTheFilesThatAreHere() {
    paste(base.toString());
    paste("a castle, <lora:demo-pixel:0.7:0.4> <lora:demo-ink:0.3>");
    Json state = judged();
    assertThat(item(state, pixel).get("ratio").number()).contains(0.4);
    assertThat(item(state, pixel).get("te").number()).contains(0.7);
    assertThat(item(state, ink).get("ratio").number()).contains(0.3);
  }

  @Test
  void whatIsBakedIsWhatThePageSays() throws IOException {
    paste(base + "\n" + pixel + "@0.6");
    judged();
    client.done(
        "weigh",
        Map.of(
            "item", item(client.state(), pixel).get("id"),
            "ratio", new Json.Number("0.25"),
            "te", new Json.Number("0.5")));
    client.done("bake", Map.of("name", Json.of("mine")));
    Json job = awaitEnd();
    assertThat(text(job, "state")).as(PageClient.shown(job)).isEqualTo("done");
    Path file = home.resolve("mine.safetensors");
    Json made = job.get("made");
    assertThat(text(made, "sha256")).isEqualTo(Sha256.of(Files.readAllBytes(file)));
    assertThat(made.get("inputs").items().stream().map(input -> text(input, "sha256")))
        .containsExactly(Sha256.of(Files.readAllBytes(base)), Sha256.of(Files.readAllBytes(pixel)));
    Json lora = job.get("result").get("loras").items().getFirst();
    assertThat(lora.get("ratio").number()).contains(0.25);
    assertThat(lora.get("applied").whole()).isEqualTo(lora.get("modules").whole());
    assertThat(text(made, "command")).contains("demo-pixel.safetensors@0.25,te=0.5");
    assertThat(text(made, "recipe")).contains("ratio: 0.25", "te: 0.5");
  }

  @Test
  void theRecipeOfAMergedFileOpens() {
    paste(base + "\n" + pixel + "@0.6");
    judged();
    client.done("bake", Map.of("name", Json.of("mine")));
    assertThat(text(awaitEnd(), "state")).isEqualTo("done");
    client.done("clear", Map.of());
    Path mine = home.resolve("mine.safetensors");
    paste(mine.toString());
    Json state = client.await(now -> item(now, mine).get("has_recipe").isTrue());
    client.done("recipe", about(item(state, mine)));
    Json opened = judged();
    assertThat(item(opened, base).get("base").isTrue()).isTrue();
    assertThat(item(opened, pixel).get("ratio").number()).contains(0.6);
  }

  @Test
  void aRecipeFileOpens() throws IOException {
    Path recipe = home.resolve("mix.yaml");
    Files.writeString(
        recipe, "athanor: 1\nbase: demo-base.safetensors\nloras:\n- demo-ink.safetensors@0.35\n");
    paste(recipe.toString());
    Json state = judged();
    assertThat(item(state, ink).get("ratio").number()).contains(0.35);
    assertThat(item(state, base).get("base").isTrue()).isTrue();
  }

  @Test
  void anotherArchitectureIsSaidAndCuredByLeavingItOut() {
    Path sdxl =
        Sample.pair(
                new TensorFile().metadata("ss_base_model_version", "sdxl_base_v1-0"),
                "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k",
                640,
                16,
                2048,
                DType.F16,
                Gen.fixed(3))
            .write(home.resolve("sdxl-lora.safetensors"));
    paste(base + "\n" + pixel + "\n" + sdxl);
    Json check = judged().get("check");
    Json row = check.get("loras").items().get(1);
    assertThat(row.get("fits").isTrue()).isFalse();
    assertThat(text(row.get("problem"), "what")).isNotEmpty();
    assertThat(text(check.get("problem"), "kind")).isEqualTo("INCOMPATIBLE");
    client.done(
        "turn", Map.of("item", item(client.state(), sdxl).get("id"), "on", new Json.Truth(false)));
    Json cured =
        client.await(state -> state.get("check").get("forecast").get("bytes").size().isPresent());
    assertThat(cured.get("check").get("problem")).isEqualTo(Json.NOTHING);
  }

  @Test
  void anotherCheckpointCanBecomeTheBase() {
    paste(base.toString());
    paste(pixel.toString());
    judged();
    Path other =
        new TensorFile()
            .random(Sample.sd1(DType.F16), 0.05, Gen.fixed(5))
            .write(home.resolve("other.safetensors"));
    paste(other.toString());
    Json state = judged();
    assertThat(item(state, other).get("base").isTrue()).isFalse();
    client.done("base", about(item(state, other)));
    Json now = judged();
    assertThat(text(now.get("check").get("base"), "file")).isEqualTo("other.safetensors");
  }

  @Test
  void anotherCheckpointCanBeMixedIn() throws IOException {
    paste(base.toString());
    client.await(state -> text(state.get("items").items().getFirst(), "kind").equals("checkpoint"));
    Path other = other();
    paste(other + "\n" + pixel + "@0.6");
    Json state = judged();
    client.done("mix", about(item(state, other)));
    client.done(
        "weigh",
        Map.of("item", item(client.state(), other).get("id"), "ratio", new Json.Number("0.25")));
    judged();
    client.done("bake", Map.of("name", Json.of("mine")));
    Json job = awaitEnd();
    assertThat(text(job, "state")).as(PageClient.shown(job)).isEqualTo("done");
    Json mixed = job.get("result").get("mix").items().getFirst();
    assertThat(mixed.get("ratio").number()).contains(0.25);
    assertThat(mixed.get("mixed").whole().orElseThrow()).isPositive();
    assertThat(text(job.get("made"), "command"))
        .contains("--mix " + other + "@0.25", pixel + "@0.6");
    client.done("clear", Map.of());
    paste(home.resolve("mine.safetensors").toString());
    Json merged =
        client.await(now ->
            now.get("items").items().stream().anyMatch(item -> item.get("has_recipe").isTrue()));
    client.done("recipe", about(item(merged, home.resolve("mine.safetensors"))));
    Json opened = judged();
    assertThat(item(opened, other).get("mixed").isTrue()).isTrue();
    assertThat(item(opened, other).get("ratio").number()).contains(0.25);
  }

  /** A checkpoint with the keys of the base and other values. */
  private Path other() throws IOException {
    byte[] bytes = Files.readAllBytes(base);
    for (int i = bytes.length / 2; i < bytes.length; i += 2) {
      bytes[i] ^= 1;
    }
    return Files.write(home.resolve("other.safetensors"), bytes);
  }

  @Test
  void weightsOfPartsSurviveAnotherRatio() throws IOException {
    Path recipe = home.resolve("mix.yaml");
    Files.writeString(
        recipe,
        """
        athanor: 1
        base: demo-base.safetensors
        loras:
        - file: demo-ink.safetensors
          ratio: 0.5
          skip: [attn2]
        """);
    paste(recipe.toString());
    Json state = judged();
    client.done(
        "weigh", Map.of("item", item(state, ink).get("id"), "ratio", new Json.Number("0.75")));
    assertThat(text(client.state(), "recipe")).contains("ratio: 0.75", "skip:", "attn2");
  }

  @Test
  void whatTheLorasDoComesAtRatioOne() {
    paste(base + "\n" + pixel + "@0.6\n" + ink + "@0.4");
    client.await(state -> text(state.get("analysis"), "state").equals("ready"));
    Json found = PageClient.parsed(client.text("analysis"));
    Json total = found.get("analysis").get("total");
    List<Json> products = total.get("products").items();
    assertThat(products).hasSize(2);
    double sum =
        products.stream()
            .flatMap(row -> row.items().stream())
            .mapToDouble(value -> value.number().orElseThrow())
            .sum();
    assertThat(Math.sqrt(sum)).isCloseTo(total.get("push").number().orElseThrow(), withinPart());
    assertThat(found.get("analysis").get("loras").items().getFirst().get("ratio").number())
        .contains(1.0);
  }

  private static org.assertj.core.data.Percentage withinPart() {
    return org.assertj.core.data.Percentage.withPercentage(1e-6);
  }

  @Test
  void aNameThatLeadsOutOfTheFolderIsRefused() {
    paste(base + "\n" + pixel);
    judged();
    for (String name : List.of("../mine", "a/b", "a\\b", ".hidden", "", "C:mine", "x\0y")) {
      HttpResponse<String> answer = client.call("bake", Map.of("name", Json.of(name)));
      assertThat(answer.statusCode()).as(name).isEqualTo(400);
      assertThat(answer.body()).contains("cannot be the name of the result");
    }
    assertThat(client.state().get("jobs").items()).isEmpty();
  }

  @Test
  void aResultIsReplacedOnlyWhenThatIsWanted() throws IOException {
    paste(base + "\n" + pixel);
    judged();
    Files.writeString(home.resolve("mine.safetensors"), "old");
    assertThat(client.call("bake", Map.of("name", Json.of("mine"))).statusCode()).isEqualTo(400);
    client.done("bake", Map.of("name", Json.of("mine"), "replace", new Json.Truth(true)));
    assertThat(text(awaitEnd(), "state")).isEqualTo("done");
    assertThat(Files.size(home.resolve("mine.safetensors"))).isGreaterThan(1000);
  }

  @Test
  void aJobThatIsCancelledLeavesNothing() throws IOException {
    paste(base + "\n" + pixel);
    judged();
    for (String name : List.of("one", "two", "three")) {
      client.done("bake", Map.of("name", Json.of(name)));
    }
    client.done("cancel", Map.of("job", Json.of(3)));
    client.done("cancel", Map.of("job", Json.of(2)));
    Json state = client.await(now -> text(now.get("jobs").items().get(2), "state").equals("done"));
    assertThat(state.get("jobs").items().stream().map(job -> text(job, "state")))
        .first()
        .isEqualTo("cancelled");
    assertThat(home.resolve("three.safetensors")).doesNotExist();
    assertThat(names()).noneMatch(name -> name.startsWith(".three"));
  }

  @Test
  void closingThePageCancelsAndCleansUp() throws IOException {
    paste(base + "\n" + pixel);
    judged();
    client.done("bake", Map.of("name", Json.of("mine")));
    page.close();
    assertThat(names()).noneMatch(name -> name.startsWith(".mine"));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(home)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void aFileThatIsMissingIsSaidAtItsRow() {
    paste(base + "\n" + home.resolve("gone.safetensors"));
    Json state =
        client.await(now ->
            now.get("items").items().stream()
                .anyMatch(item -> text(item, "kind").equals("unreadable")));
    Json gone = item(state, home.resolve("gone.safetensors"));
    assertThat(text(gone.get("problem"), "what")).isNotEmpty();
    client.done("remove", about(gone));
    assertThat(client.state().get("items").items()).hasSize(1);
  }

  @Test
  void thePickerShowsModelsBelowItsRootsOnly() throws IOException {
    Files.writeString(home.resolve("secret.txt"), "s");
    Files.writeString(home.resolve(".hidden.safetensors"), "s");
    Path outside = Files.createTempDirectory("outside");
    Files.copy(pixel, outside.resolve("far.safetensors"));
    Files.createSymbolicLink(home.resolve("link"), outside);
    Json top = client.done("places", Map.of());
    Json root = top.get("folders").items().getFirst();
    Json listing = client.done("places", Map.of("folder", root.get("id")));
    assertThat(listing.get("folders").items()).isEmpty();
    assertThat(listing.get("files").items().stream().map(file -> text(file, "name")))
        .containsExactly("demo-base.safetensors", "demo-ink.safetensors", "demo-pixel.safetensors");
    assertThat(text(listing.get("files").items().get(1), "what")).isEqualTo("LoRA for SD 1.x");
    Json number = listing.get("files").items().get(1).get("id");
    client.done("take", Map.of("files", new Json.Items(List.of(number))));
    assertThat(client.await(state -> !state.get("items").items().isEmpty()).get("items").items())
        .hasSize(1);
    assertThat(client.call("places", Map.of("folder", Json.of(999))).statusCode()).isEqualTo(400);
    Files.delete(outside.resolve("far.safetensors"));
    Files.delete(outside);
  }

  @Test
  void theFolderOfAPastedFileIsAmongThePlaces(@TempDir Path elsewhere) throws IOException {
    Path far = Files.copy(pixel, elsewhere.resolve("far.safetensors"));
    Json before = client.done("places", Map.of());
    paste(far.toString());
    Json after = client.done("places", Map.of());
    assertThat(after.get("folders").items()).hasSize(before.get("folders").items().size() + 1);
    Json first = after.get("folders").items().getFirst();
    Json listing = client.done("places", Map.of("folder", first.get("id")));
    assertThat(text(listing.get("files").items().getFirst(), "name")).isEqualTo("far.safetensors");
  }

  @Test
  void theStateIsSentWheneverItChanges() throws Exception {
    List<String> states = Collections.synchronizedList(new ArrayList<>());
    Thread following = Thread.startVirtualThread(() -> client.follow(states::add));
    awaitStates(states, "\"items\":[]");
    paste(pixel.toString());
    awaitStates(states, "demo-pixel.safetensors");
    page.close();
    assertThat(following.join(Duration.ofSeconds(20))).isTrue();
  }

  private static void awaitStates(List<String> states, String wanted) throws InterruptedException {
    for (int i = 0; i < 500 && states.stream().noneMatch(state -> state.contains(wanted)); i++) {
      Thread.sleep(20);
    }
    assertThat(states).anyMatch(state -> state.contains(wanted));
  }

  @Test
  void twoPagesSeeTheSame() {
    paste(base + "\n" + pixel);
    client.await(state -> text(state.get("analysis"), "state").equals("ready"));
    var other = new PageClient(page.address());
    assertThat(other.text("state")).isEqualTo(client.text("state"));
  }
}
